package scratch

import "github.com/jackc/pgx/v5"

// comment tells whoever finds a database where it comes from. A killed run can leave one.
const comment = "Scratch database of fanout-bench. If its run was killed, fanout-bench doctor --clean drops it."

// A dialect writes the statements about whole databases.
type dialect struct {
	major int  // version of the server
	ours  bool // the server is a temporary one
}

// createEmpty starts from template0, which nobody has changed and which alone allows
// another locale.
func (d dialect) createEmpty(name string) string {
	sql := "CREATE DATABASE " + quoted(name) + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
	if d.major >= 15 {
		sql += " LOCALE_PROVIDER libc" // else a server set up for ICU refuses locale C
	}
	return sql + d.strategy()
}

func (d dialect) createClone(name, template string) string {
	return "CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(template) + d.strategy()
}

// strategy chooses how to copy. Without fsync, copying files is fastest, but it makes the
// server write two checkpoints, which other people's servers should be spared. PostgreSQL
// 13 and 14 do not know the clause.
func (d dialect) strategy() string {
	if d.ours && d.major >= 15 {
		return " STRATEGY FILE_COPY"
	}
	return ""
}

func commentOn(name string) string {
	return "COMMENT ON DATABASE " + quoted(name) + " IS '" + comment + "'"
}

// drop accepts a missing database, because creating it may have failed.
func drop(name string) string {
	return "DROP DATABASE IF EXISTS " + quoted(name) + " WITH (FORCE)"
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }
