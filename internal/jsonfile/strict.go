package jsonfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// maxFile, in bytes, is far more than any of these files has. It stops reading of endless
// devices.
const maxFile = 64 << 20

// ReadText reads a whole file and rejects invalid UTF-8, which decoding would replace.
func ReadText(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxFile:
		return nil, &Error{Reason: fmt.Sprintf("it has more than %d MB, more than a result file has; name another file", maxFile>>20)}
	}
	for offset := 0; offset < len(text); {
		r, size := utf8.DecodeRune(text[offset:])
		if r == utf8.RuneError && size == 1 {
			return nil, &Error{Line: LineAt(text, offset), Reason: fmt.Sprintf(
				"the byte 0x%02X is not UTF-8; save the file as UTF-8", text[offset])}
		}
		offset += size
	}
	return text, nil
}

// A strictError says which part of a text is ambiguous.
type strictError struct {
	offset int
	reason string
}

func (e *strictError) Error() string { return e.reason }

// Decode decodes text, which is one JSON value. Unlike encoding/json it rejects duplicate names
// in an object, names that only resemble a field's, and half of a surrogate pair. Of a RawMessage
// it checks only the syntax.
func Decode(text []byte, into any) error {
	if !json.Valid(text) { // Unmarshal returns the reason and bounds the nesting
		return json.Unmarshal(text, &json.RawMessage{})
	}
	if err := wholeCharacters(text); err != nil {
		return err
	}
	s := strict{text, json.NewDecoder(bytes.NewReader(text))}
	s.decoder.UseNumber() // Unmarshal says which field cannot have a number
	if err := s.value(reflect.TypeOf(into)); err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// wholeCharacters rejects a single half of a surrogate pair in a valid text, which would become
// U+FFFD.
func wholeCharacters(text []byte) error {
	unit := func(i int) rune {
		n, _ := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
		return rune(n)
	}
	for i := 0; ; i += 2 {
		next := bytes.IndexByte(text[i:], '\\')
		if next < 0 {
			return nil
		}
		if i += next; text[i+1] != 'u' || !utf16.IsSurrogate(unit(i)) {
			continue
		}
		if text[i+6] != '\\' || text[i+7] != 'u' || utf16.DecodeRune(unit(i), unit(i+6)) == utf8.RuneError {
			return &strictError{i, string(text[i:i+6]) + " is half of a character"}
		}
		i += 6 // the second half
	}
}

// A strict checks a valid text against the type it will be decoded into. The tokens of a valid text
// have no errors.
type strict struct {
	text    []byte
	decoder *json.Decoder
}

// value checks one value. t is nil if the type is unknown; decoding reports mismatches.
func (s strict) value(t reflect.Type) error {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == rawMessage { // is decoded, and checked, by itself
		return s.decoder.Decode(new(json.RawMessage))
	}
	start, _ := s.decoder.Token()
	switch start {
	case json.Delim('{'):
		return s.members(t)
	case json.Delim('['):
		return s.elements(t)
	default:
		return nil
	}
}

func (s strict) elements(t reflect.Type) error {
	var element reflect.Type
	if t != nil && t.Kind() == reflect.Slice {
		element = t.Elem()
	}
	for s.decoder.More() {
		if err := s.value(element); err != nil {
			return err
		}
	}
	_, err := s.decoder.Token() // the end
	return err
}

func (s strict) members(t reflect.Type) error {
	fields := fieldsOf(t)
	seen := map[string]int{}
	for s.decoder.More() {
		token, _ := s.decoder.Token()
		name := token.(string)
		end := int(s.decoder.InputOffset())
		if first, twice := seen[name]; twice {
			return &strictError{end, fmt.Sprintf("%q stands twice in one object%s; delete one of them", name, s.onLine(first, end))}
		}
		seen[name] = end
		field, known := fields[name]
		if !known && fields != nil {
			return &strictError{end, fmt.Sprintf("not a result file: unknown field %q; if a newer version of this program wrote it, use that version", name)}
		}
		if t != nil && t.Kind() == reflect.Map {
			field = t.Elem()
		}
		if err := s.value(field); err != nil {
			return err
		}
	}
	_, err := s.decoder.Token() // the end
	return err
}

// onLine returns the line of first, unless other is on the same line.
func (s strict) onLine(first, other int) string {
	if bytes.IndexByte(s.text[first:other], '\n') < 0 {
		return ""
	}
	return fmt.Sprintf(", on line %d too", LineAt(s.text, first))
}

var rawMessage = reflect.TypeFor[json.RawMessage]()

var knownFields sync.Map // by reflect.Type

// fieldsOf returns the fields of a struct type by JSON name, or nil for another type.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	if known, ok := knownFields.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
	knownFields.Store(t, fields)
	return fields
}
