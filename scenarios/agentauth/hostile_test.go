package agentauth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

// hostile are texts that mean more than they are to somebody: to SQL, to a pattern, to
// JSON, to a terminal or a page, or to the eye.
var hostile = []string{
	`' OR '1'='1`,
	`' OR 1=1 --`,
	`'; DROP TABLE workspace_agents; --`,
	`'; UPDATE workspace_agents SET name = 'main'; --`,
	`' UNION SELECT * FROM workspace_agents --`,
	`\'; SELECT pg_sleep(60); --`,
	`$1`, `$$`, `%s`, `?`, `:name`, `{}`, `NULL`, `null`, `*`, `%`, `_`, `.*`,
	`/* */`, `"`, `'`, `\`, `\x00`, `\u0000`, ` `,
	"<script>alert(1)</script>",
	"\x1b[2J\x1b]0;owned\a",
	"\r\nSet-Cookie: session_token=1",
	"::set-output name=token::1",
	"\u202eniam", "m\u0430in", "\uff4dain", "main\u200b", "ma\u0131n", "cafe\u0301", "caf\u00e9",
	"MAIN", "Main", " main", "main ", "main\n", "main,main", "main;", "maind", "mai",
	strings.Repeat("main", 4000),
}

// Each hostile name is a name, by which the agent that has it is found, and none other.
// rc.2 ignores what is asked for, and hands out the token of the newest.
func TestHostileAgentNames(t *testing.T) {
	s := newService(t)
	only := stored(t, s.pool, oneBuildAgent)
	// Most versions ask for each agent of an instance, so that a few at a time are enough:
	// names that look alike are neighbors.
	var some []*world
	const few = 6
	for names := range slices.Chunk(hostile, few) {
		some = append(some, stored(t, s.pool, func(w *world) {
			resource := w.resource(w.build(w.workspace(), "start"))
			for i, name := range names {
				w.agent(resource, name, label(len(some)*few+i))
			}
			w.agent(resource, "main", "main")
		}))
	}
	before := s.rows(t)
	for i, name := range append(hostile[:len(hostile):len(hostile)], "main\x00", "\x00") {
		s.check(t, only, name, "main 404 404 404 404 404")
		if i < len(hostile) {
			found := label(i)
			s.check(t, some[i/few], name, "main"+strings.Repeat(" "+found, 5))
		} else {
			s.check(t, some[0], name, "main 404 404 404 404 404")
		}
	}
	if after := s.rows(t); after != before {
		t.Errorf("the tables hold\n%s, but held\n%s", after, before)
	}
}

// A conflict names the agents, and each name arrives as it is: in JSON, where nothing is
// left of it that a terminal or a page would take for its own.
func TestHostileAgentNamesInAConflict(t *testing.T) {
	s := newService(t)
	for _, name := range hostile {
		w := stored(t, s.pool, func(w *world) {
			resource := w.resource(w.build(w.workspace(), "start"))
			w.agent(resource, "other", "other")
			w.agent(resource, name, "hostile")
		})
		for _, v := range Versions()[1:] { // rc.2 sees no conflict
			got := s.ask(t, v.Name, w, "")
			want := "Several agents run on this instance; name one of them: " + name + ", other."
			if got.status != http.StatusConflict || got.message != want {
				t.Errorf("%s, %.40q: got %d %.200q, want 409 %.200q", v.Name, name, got.status, got.message, want)
			}
			if strings.ContainsAny(got.body, "<>&\x1b\a\r\n") {
				t.Errorf("%s, %.40q: got body %.200q, want it escaped", v.Name, name, got.body)
			}
		}
	}
}

// The same for instances, which the cloud would have to sign.
func TestHostileInstanceIDs(t *testing.T) {
	pool := pgtest.Pool(t, schema) // in which nobody has these instances
	s := newServiceOn(t, pool, pool, testEngine(t))
	w := stored(t, s.pool, oneBuildAgent)
	stored(t, s.pool, func(w *world) {
		resource := w.resource(w.build(w.workspace(), "start"))
		w.agentOf(resource, uuid.NullUUID{}, "", "main", "of no instance")
		w.rows.Queue(`UPDATE workspace_agents SET auth_instance_id = NULL WHERE id = $1`,
			w.agentOf(resource, uuid.NullUUID{}, "", "main", "of none"))
	})
	id := w.instanceID
	near := []string{
		id + "%", "%" + id[2:], id[:len(id)-1] + "_", id[:len(id)-1] + "?", id[:len(id)-1], id + "0",
		strings.ToUpper(id), "I" + id[1:], id + " ", " " + id, id + "\n", id + "\t", id + "\u00a0", id + "\ufffd",
		"\u0456" + id[1:], "\uff49" + id[1:], "\u0131" + id[1:], "i\u2010" + id[2:], "i\u00ad" + id[1:], "i\u200d" + id[1:],
		id + "' OR '1'='1", id + "'; DELETE FROM workspace_agents; --", id + `\u0000`, id + "," + id, "{" + id + "}",
		strings.Repeat(id, 1000),
	}
	before := s.rows(t)
	for _, other := range append(near, hostile...) {
		s.checkInstance(t, w, other, "404")
	}
	if after := s.rows(t); after != before {
		t.Errorf("the tables hold\n%s, but held\n%s", after, before)
	}
	// What was not found can be found: each by its own text alone.
	for i, other := range append(near, hostile...) {
		stored(t, s.pool, func(new *world) {
			new.labels = w.labels
			new.agentOf(new.resource(new.build(new.workspace(), "start")), uuid.NullUUID{}, other, "main", label(i))
		})
	}
	for i, other := range append(near, hostile...) {
		s.checkInstance(t, w, other, label(i))
	}
	s.check(t, w, "", "main")
}

func label(i int) string { return fmt.Sprintf("hostile-%d", i) }

// checkInstance requires of every version that the agent of the instance called id gets
// what want says.
func (s *service) checkInstance(t *testing.T, w *world, id, want string) {
	t.Helper()
	name, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	document := `{"instanceId":` + string(name) + `}`
	request := AuthRequest{Document: document, Signature: sign(s.signer, document)}
	for _, v := range Versions() {
		if got := s.present(t, v.Name, request); got.outcome(w) != want {
			t.Errorf("%s, instance %.60q: got %s (%s), want %s", v.Name, id, got.outcome(w), got.body, want)
		}
	}
}

// rows describes all that the tables hold of agents.
func (s *service) rows(t *testing.T) string {
	t.Helper()
	var all string
	err := s.pool.QueryRow(t.Context(), `SELECT count(*) || ' agents, ' || md5(string_agg(a::text, ',' ORDER BY id)) FROM workspace_agents a`).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
