package sqltext

import "strings"

// An Effect is what a statement does besides answering.
type Effect struct {
	Writes bool // may change later reads
	Locks  bool // waits for other transactions, and sees their writes
	Varies bool // the answer may differ each time
}

// writing lists the words that make a statement more than a read, anywhere in it: a common table
// expression can insert. The last ones change what can be read by other means. Columns and
// functions of the same name match too, so that fewer statements are called repeated.
var writing = wordSet(`
	insert update delete merge into copy call do share truncate
	nextval setval set_config pg_notify dblink_exec
	lo_creat lo_create lo_import lo_unlink lo_put lo_from_bytea lo_open lo_close lo_lseek lo_lseek64 lo_tell lo_tell64
	lo_truncate lo_truncate64 loread lowrite`)

// varying lists functions whose result depends on the moment.
var varying = wordSet(`
	random random_normal gen_random_uuid gen_random_bytes uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4
	clock_timestamp timeofday statement_timestamp now current_timestamp current_time localtime localtimestamp
	transaction_timestamp currval lastval pg_sleep txid_current pg_current_xact_id pg_stat_activity pg_locks`)

// reading lists the words that begin a read.
var reading = wordSet("select with values table show explain")

// EffectOf returns the effect of sql, judged by its words.
func EffectOf(sql string) Effect {
	var (
		e    Effect
		last string // the previous word
	)
	for t := range scan(sql) {
		word := strings.ToLower(t.text)
		switch {
		case word == "(", word == ";":
			continue
		case last == "": // the first
			e.Locks = word == "lock"
			e.Writes = !e.Locks && !reading[word]
		case (word == "update" || word == "share") && (last == "for" || last == "key"), strings.Contains(word, "_advisory_"):
			e.Locks = true
		case writing[word]:
			e.Writes = true
		case varying[word]:
			e.Varies = true
		}
		last = word
	}
	e.Writes = e.Writes || last == ""
	return e
}
