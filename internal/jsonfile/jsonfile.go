// Package jsonfile reads and writes the JSON files of this program, one row per line. It
// rejects ambiguous JSON.
package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// These limits are far beyond real measurements and keep growth arithmetic from overflowing.
const (
	MaxN     = 1_000_000
	MaxCount = 1_000_000_000
)

// Schema is the version of the file format that this program writes and reads.
const Schema = 1

// WriteLines writes the elements of a JSON array, one per line.
func WriteLines[T any](b *bytes.Buffer, rows []T) error {
	for i, row := range rows {
		line, err := Marshal(row)
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteByte('\n')
	return nil
}

// Marshal is json.Marshal for files that are also shown in terminals: it escapes characters
// that a terminal might act on too.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // keeps ">" in SQL readable
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimRight(b.Bytes(), "\n")
	// GitHub's runner executes this anywhere in the output of a step. In JSON it occurs only
	// inside of strings.
	text = bytes.ReplaceAll(text, []byte("##["), []byte(`\u0023#[`))
	escaped := make([]byte, 0, len(text))
	for _, c := range string(text) {
		if unicode.IsPrint(c) {
			escaped = append(escaped, string(c)...)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	return escaped, nil
}

// WriteIndented writes v with indentation.
func WriteIndented(w io.Writer, v any) error {
	line, err := Marshal(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, line, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, b.String())
	return err
}

// CheckSchema comes first, because another schema may have other fields.
func CheckSchema(text []byte) error {
	var file struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return Damaged(text, 0, err)
	}
	if file.Schema != Schema {
		return &Error{Line: LineAt(text, max(bytes.Index(text, []byte(`"schema"`)), 0)), Reason: fmt.Sprintf(
			"schema %d, but this program reads schema %d; write the file again with this version", file.Schema, Schema)}
	}
	return nil
}

// Damaged explains an error of decoding the value at offset in text.
func Damaged(text []byte, offset int, err error) error {
	var (
		syntax *json.SyntaxError
		wrong  *json.UnmarshalTypeError
		twoWay *strictError
	)
	reason := "not a result file: " + err.Error()
	switch {
	case errors.As(err, &twoWay):
		offset += twoWay.offset
		reason = err.Error()
	case errors.As(err, &syntax):
		offset += int(syntax.Offset)
	case errors.As(err, &wrong):
		offset += int(wrong.Offset)
		what := "the whole"
		if wrong.Field != "" {
			what = strconv.Quote(wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:])
		}
		reason = "not a result file: " + what + " cannot be " + wrong.Value[:min(len(wrong.Value), 40)]
	}
	return &Error{Line: LineAt(text, offset), Reason: reason}
}
