package pgkeep

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// harmless reports whether messages to a server change nothing in its session that a reset
// does not undo. pgx writes whole messages.
func harmless(messages []byte, volatile map[string]bool) bool {
	const header = 5 // a byte for the kind, four for the length, which counts itself
	for len(messages) > 0 {
		if len(messages) < header {
			return false
		}
		size := 1 + int(binary.BigEndian.Uint32(messages[1:header]))
		if size < header || size > len(messages) {
			return false
		}
		body := messages[header:size]
		switch messages[0] {
		case 'p', 'B', 'C', 'D', 'E', 'H', 'S', 'X': // a password, and what uses statements
		case 'P': // Parse: a name before the statement
			_, statement, _ := bytes.Cut(body, []byte{0})
			if !reads(text(statement), volatile) {
				return false
			}
		case 'Q':
			if !reads(text(body), volatile) {
				return false
			}
		default:
			return false
		}
		messages = messages[size:]
	}
	return true
}

// text returns what is before the first NUL.
func text(b []byte) string {
	before, _, _ := bytes.Cut(b, []byte{0})
	return string(before)
}

// reads reports whether sql is one statement that only reads, or controls a transaction, and
// calls no function that may do more. It looks for words anywhere, even in strings: a false
// match costs one connection.
func reads(sql string, volatile map[string]bool) bool {
	sql = strings.ToLower(strings.TrimRight(sql, "; \t\r\n\f\v"))
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f\v")
		if !strings.HasPrefix(sql, "--") {
			break
		}
		end := strings.IndexAny(sql, "\r\n")
		if end < 0 {
			return true // a ping
		}
		sql = sql[end:]
	}
	// Several statements, a comment that may hide the start of one, a name with escapes.
	if strings.Contains(sql, ";") || strings.Contains(sql, "/*") || strings.Contains(sql, "u&") {
		return false
	}
	words := strings.FieldsFunc(sql, func(r rune) bool {
		return r < 0x80 && r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	for i, word := range words {
		if i == 0 && !reading[word] || writing[word] || volatile[word] {
			return false
		}
	}
	return true
}

var (
	// reading are the statements that only read, and those that control a transaction.
	reading = set(`select with values table show
		begin start commit end rollback abort savepoint release`)
	// writing are words that make a query write, for example to a temporary table.
	writing = set(`insert update delete merge into`)
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}
