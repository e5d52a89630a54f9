package agentauth

import (
	"strings"
	"testing"
)

// What the cloud signed is believed only if it names one instance, whoever reads it.
func TestSignedDocuments(t *testing.T) {
	s, spied := newSpiedService(t)
	w, other := stored(t, s.pool, oneBuildAgent), stored(t, s.pool, oneBuildAgent)
	mine, another := `"`+w.instanceID+`"`, `"`+other.instanceID+`"`
	nested := strings.Repeat("[", 11000) + strings.Repeat("]", 11000)

	for _, test := range []struct {
		document string
		granted  bool
	}{
		{`{"instanceId":` + mine + `}`, true},
		{" {\n\t\"region\" : \"eu-central-1\" ,\n\t\"instanceId\" : " + mine + "\n}\n", true},
		{`{"a":{"instanceId":` + another + `},"instanceId":` + mine + `,"b":[{"instanceId":` + another + `}]}`, true},
		{`{"instance_id":` + another + `,"id":` + another + `,"instanceId ":` + another + `,"instanceId":` + mine + `}`, true},
		{`{"instanceId":"i\u002d` + w.instanceID[2:] + `"}`, true},

		{``, false},
		{w.instanceID, false},
		{mine, false},
		{`null`, false},
		{`{}`, false},
		{`[` + mine + `]`, false},
		{`[{"instanceId":` + mine + `}]`, false},
		{`{"region":"eu-central-1"}`, false},
		{`{"identity":{"instanceId":` + mine + `}}`, false},
		{`{"instanceId":""}`, false},
		{`{"instanceId":null}`, false},
		{`{"instanceId":1}`, false},
		{`{"instanceId":true}`, false},
		{`{"instanceId":[` + mine + `]}`, false},
		{`{"instanceId":{"instanceId":` + mine + `}}`, false},
		{`{"instanceId":` + mine, false},
		{`{"instanceId":` + mine + `}}`, false},
		{`{"instanceId":` + mine + `}{"instanceId":` + another + `}`, false},
		{`{"instanceId":` + mine + `} //`, false},
		{`{"instanceId":` + mine + `,}`, false},
		{`{'instanceId':'` + w.instanceID + `'}`, false},
		{"\ufeff" + `{"instanceId":` + mine + `}`, false},
		{`{"instanceId":` + mine + "}\x00", false},
		{`{"a":` + nested + `,"instanceId":` + mine + `}`, false},

		// encoding/json alone would take the last.
		{`{"instanceId":` + another + `,"instanceId":` + mine + `}`, false},
		{`{"instanceId":` + mine + `,"instanceId":` + mine + `}`, false},
		{`{"instanceId":` + mine + `,"InstanceID":` + another + `}`, false},
		{`{"INSTANCEID":` + another + `,"instanceId":` + mine + `}`, false},
		{`{"instanceId":` + another + `,"inſtanceId":` + mine + `}`, false}, // a long s
		{`{"instanceId":` + another + `,"\u0069nstanceId":` + mine + `}`, false},
		{`{"instanceId":null,"instanceId":` + mine + `}`, false},
		{`{"instanceId":"","instanceId":` + mine + `}`, false},
		{`{"instanceId":` + mine + `,"instanceId":null}`, false},

		// PostgreSQL has no such text: asked for it, it would fail.
		{`{"instanceId":"\u0000"}`, false},
		{`{"instanceId":"` + w.instanceID + `\u0000"}`, false},
	} {
		name := test.document[:min(len(test.document), 120)]
		request := AuthRequest{Document: test.document, Signature: sign(s.signer, test.document), AgentName: "main"}
		if test.granted {
			s.checkGranted(t, w, name, request)
			spied.noted()
		} else {
			s.checkRefused(t, spied, name, request)
		}
	}
}
