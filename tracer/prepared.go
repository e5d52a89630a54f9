package tracer

import "github.com/jackc/pgx/v5"

// preparedKey is where a connection carries the SQL of the statements the
// application prepared on it by name, as pgx shows their use by that name.
const preparedKey = "github.com/fanout-bench/fanout-bench/tracer.prepared"

func remember(conn *pgx.Conn, name, sql string) {
	custom := conn.PgConn().CustomData()
	prepared, _ := custom[preparedKey].(map[string]string)
	if prepared == nil {
		prepared = make(map[string]string)
		custom[preparedKey] = prepared
	}
	prepared[name] = sql
}

// resolved returns the SQL that sql is the name of, or sql.
func resolved(conn *pgx.Conn, sql string) string {
	if conn != nil {
		prepared, _ := conn.PgConn().CustomData()[preparedKey].(map[string]string)
		if of, ok := prepared[sql]; ok {
			return of
		}
	}
	return sql
}
