package agentauth

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"
)

// doorkeeper is a version that lets everyone in whom the handler lets through.
func doorkeeper(passed *Claim) Version {
	return Version{Authenticate: func(_ context.Context, _ *Layer, claim Claim) (WorkspaceAgent, error) {
		*passed = claim
		return WorkspaceAgent{AuthToken: uuid.New()}, nil
	}}
}

func TestOnlyAnIdentityThatIsProvenIsLetThrough(t *testing.T) {
	signer, forger := testSigner(t), newSigner(t)
	const document = `{"instanceId":"i-1","region":"eu-central-1"}`
	valid := sign(t, signer, document)
	for _, test := range []struct {
		name, document, signature string
		want                      int
	}{
		{"valid", document, valid, 200},
		{"no signature", document, "", 401},
		{"signature that is not base64", document, "%" + valid[1:], 401},
		{"truncated signature", document, valid[:len(valid)/2/4*4], 401},
		{"signature by another key", document, sign(t, forger, document), 401},
		{"signature of another document", `{"instanceId":"i-2"}`, valid, 401},
		{"a space more", document + " ", valid, 401},
		{"document without an instance", `{"region":"eu-central-1"}`, sign(t, signer, `{"region":"eu-central-1"}`), 401},
		{"empty instance", `{"instanceId":""}`, sign(t, signer, `{"instanceId":""}`), 401},
		{"instance that is not a string", `{"instanceId":1}`, sign(t, signer, `{"instanceId":1}`), 401},
		{"document that is not JSON", `i-1`, sign(t, signer, `i-1`), 401},
		{"empty document", ``, sign(t, signer, ``), 401},
	} {
		t.Run(test.name, func(t *testing.T) {
			var passed Claim
			url := serve(t, NewHandler(doorkeeper(&passed), nil, nil, signer.Certificate))
			body, err := json.Marshal(AuthRequest{Document: test.document, Signature: test.signature, AgentName: "main"})
			if err != nil {
				t.Fatal(err)
			}
			if got := post(t, url, body); got.status != test.want {
				t.Errorf("document %s, signature %.20s…: got %d %s, want %d", test.document, test.signature, got.status, got.body, test.want)
			}
			var want Claim
			if test.want == http.StatusOK {
				want = Claim{InstanceID: "i-1", AgentName: "main"}
			}
			if passed != want {
				t.Errorf("document %s: the version got %+v, want %+v", test.document, passed, want)
			}
		})
	}
}

// What is wrong with an identity helps only who forges one.
func TestEveryBadIdentityIsAnsweredAlike(t *testing.T) {
	signer := testSigner(t)
	url := serve(t, NewHandler(doorkeeper(new(Claim)), nil, nil, signer.Certificate))
	unsigned := post(t, url, []byte(`{"document":"{}","signature":""}`))
	for _, body := range []string{
		`{"document":"{}","signature":"%"}`,
		`{"document":"{}","signature":"` + sign(t, signer, "[]") + `"}`,
		`{"document":"{}","signature":"` + sign(t, signer, "{}") + `"}`,
	} {
		if got := post(t, url, []byte(body)); got != unsigned {
			t.Errorf("%.40s…: got %d %s, want %d %s", body, got.status, got.body, unsigned.status, unsigned.body)
		}
	}
}

func newSigner(t *testing.T) *Signer {
	t.Helper()
	signer, err := NewSigner()
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func sign(t *testing.T, s *Signer, document string) string {
	t.Helper()
	digest := sha256.Sum256([]byte(document))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}
