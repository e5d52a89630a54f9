package tracer

import (
	"strings"

	sqllexer "github.com/DataDog/go-sqllexer"
)

// An effect is what a statement does beside answering.
type effect struct {
	writes bool // it may change what is read later
	locks  bool // it waits for others, and sees what they wrote until then
	varies bool // its answer differs from time to time
}

// writing are the words that make a statement more than a read, wherever they are: a
// common table expression can insert. The last ones change what can be read by other
// means. A column of such a name, or a function of another schema, is taken for them,
// which calls less avoidable.
var writing = wordSet(`
	insert update delete merge into copy call do share truncate
	nextval setval set_config pg_notify dblink_exec
	lo_creat lo_create lo_import lo_unlink lo_put lo_from_bytea lo_open lo_close lo_lseek lo_lseek64 lo_tell lo_tell64
	lo_truncate lo_truncate64 loread lowrite`)

// varying are functions whose result is of the moment.
var varying = wordSet(`
	random random_normal gen_random_uuid gen_random_bytes uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4
	clock_timestamp timeofday statement_timestamp now current_timestamp current_time localtime localtimestamp
	transaction_timestamp currval lastval pg_sleep txid_current pg_current_xact_id pg_stat_activity pg_locks`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

func effectOf(sql string) effect {
	var (
		e     effect
		first = true
		last  string // the word before
		lexer = sqllexer.New(masked(sql), sqllexer.WithDBMS(sqllexer.DBMSPostgres))
	)
	for {
		token := lexer.Scan()
		word := strings.ToLower(token.Value)
		switch {
		case token.Type == sqllexer.EOF, token.Type == sqllexer.ERROR:
			e.writes = e.writes || first
			return e
		case token.Type == sqllexer.SPACE, word == "(", word == ";":
			continue
		case first:
			first = false
			switch word {
			case "select", "with", "values", "table", "show", "explain":
			case "insert", "update", "delete", "merge":
				e.writes = true
			case "lock":
				e.locks = true
			default:
				e.writes = true
			}
		case (word == "update" || word == "share") && (last == "for" || last == "key"), strings.Contains(lastOf(word), "_advisory_"):
			e.locks = true
		case writing[lastOf(word)]:
			e.writes = true
		case varying[lastOf(word)]:
			e.varies = true
		}
		last = word
	}
}

// lastOf returns what follows the schema in a qualified name.
func lastOf(word string) string { return word[strings.LastIndexByte(word, '.')+1:] }

// A description is what a report says of a statement.
type description struct {
	kind   Kind
	name   string
	effect effect
}

// texts remembers descriptions: each takes microseconds, and a fan-out repeats the
// same few texts.
type texts map[textKey]description

type textKey struct {
	kind Kind
	text string
}

func (t texts) describe(c *call, text string) description {
	k := kinds[c.kind]
	if c.setup {
		switch k {
		case KindQuery, KindCopy, KindBatch, KindPrepare:
			k = KindSetup
		}
	}
	key := textKey{k, text}
	d, ok := t[key]
	if !ok {
		d.kind, d.name = classify(k, text)
		switch d.kind {
		case KindQuery:
			d.effect = effectOf(text)
		case KindCopy:
			d.effect = effect{writes: true}
		case KindSetup:
			d.effect = effectOf(text) // it may set what statements of the application read
		case KindTx:
			d.effect.writes = rollsBack(text)
		}
		t[key] = d
	}
	return d
}

func (d description) into(e *Event, c *call) {
	e.Kind, e.Name = d.kind, d.name
	writes := d.effect.writes || c.has(undone|cut) // the rest of it is not known
	e.Writes, e.Locks = writes || d.effect.locks, d.effect.locks && !writes
	if d.effect.varies {
		e.Identity = 0
	}
}
