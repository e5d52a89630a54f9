package agentauth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// An attacker, who has an instance of their own, wants the token of the victim's agent.
// Before a signature is found good nothing may be asked for, of no version.
func TestForgedSignatures(t *testing.T) {
	s, spied := newSpiedService(t)
	victim, own := stored(t, s.pool, oneBuildAgent), stored(t, s.pool, oneBuildAgent)
	signer := s.signer
	document, ownDocument := documentOf(victim), documentOf(own)
	text := sign(signer, document)
	raw := decoded(t, text)
	signs := document // with what base64 has other letters for in URLs
	for !strings.ContainsAny(sign(signer, signs), "+/") {
		signs += " "
	}

	hash := sha512.Sum512([]byte(document))
	type forgery struct{ name, document, signature string }
	of := func(name string, signature []byte) forgery { return forgery{name, document, encoded(signature)} }
	forgeries := []forgery{
		{"none", document, ""},
		of("half", raw[:len(raw)/2]),
		of("first byte missing", raw[1:]),
		of("last byte missing", raw[:len(raw)-1]),
		of("one byte more", append(bytes.Clone(raw), 0)),
		of("one byte before", append([]byte{0}, raw...)),
		of("twice", append(bytes.Clone(raw), raw...)),
		of("first bit flipped", flipped(raw, 0)),
		of("last bit flipped", flipped(raw, len(raw)*8-1)),
		of("zero", make([]byte, len(raw))),
		of("the order of the group added", withOrderAdded(raw)),

		{"text cut off", document, text[:len(text)-1]},
		{"text without padding", document, strings.TrimRight(text, "=")},
		{"text with other padding", document, strings.TrimRight(text, "=") + "%3D%3D"},
		{"text with bits that do not count", document, withIdleBits(text)},
		{"text after it", document, text + "AAAA"},
		{"a space in it", document, text[:64] + " " + text[64:]},
		{"a tab after it", document, text + "\t"},
		{"a NUL after it", document, text + "\x00"},
		{"a letter that looks alike", document, "А" + text[1:]},
		{"for URLs", signs, strings.NewReplacer("+", "-", "/", "_").Replace(sign(signer, signs))},
		{"encoded twice", document, encoded([]byte(text))},
		{"hexadecimal", document, hex.EncodeToString(raw)},
		{"not encoded", document, string(raw)},
		{"PEM", document, "-----BEGIN PKCS7-----\n" + text + "\n-----END PKCS7-----"},
		{"the document", document, document},
		{"null", document, "null"},

		of("another key", ed25519.Sign(newEd25519(t), []byte(document))),
		of("an ECDSA key", signedBy(t, newECDSA(t), document)),
		of("the hash of the document", ed25519.Sign(signer.key, hash[:])),

		{"of the attacker's instance", document, sign(signer, ownDocument)},
		{"of no document", document, sign(signer, "")},
		{"of the victim's ID alone", document, sign(signer, victim.instanceID)},

		{"a space before", " " + document, text},
		{"a space after", document + " ", text},
		{"a NUL after the document", document + "\x00", text},
		{"a byte order mark", "\ufeff" + document, text},
		{"a letter escaped", strings.Replace(document, "instanceId", `instanceI\u0064`, 1), text},
		{"a letter in capitals", strings.Replace(document, "instanceId", "InstanceId", 1), text},
		{"another region", strings.Replace(document, "central", "north", 1), text},
		{"no document", "", text},
		{"the victim's ID alone", victim.instanceID, text},
		{"the attacker's document, the victim appended", ownDocument + document, sign(signer, ownDocument)},
		{"the attacker's document, the victim inside", strings.TrimSuffix(ownDocument, "}") + `,"instanceId":"` + victim.instanceID + `"}`, sign(signer, ownDocument)},
		{"the attacker's document, the ID replaced", strings.Replace(ownDocument, own.instanceID, victim.instanceID, 1), sign(signer, ownDocument)},
	}
	for _, f := range forgeries {
		s.checkRefused(t, spied, f.name, AuthRequest{Document: f.document, Signature: f.signature, AgentName: "main"})
	}
	// Of an instance that there is not, nothing else is said.
	s.checkRefused(t, spied, "unknown instance", AuthRequest{Document: documentOf(newWorld()), Signature: text})

	// None of it was refused for another reason.
	s.checkGranted(t, victim, "valid", AuthRequest{Document: document, Signature: text})
	s.checkGranted(t, victim, "valid, in lines as the cloud writes it", AuthRequest{Document: document, Signature: inLines(text, 64)})
	s.checkGranted(t, own, "the attacker's own", AuthRequest{Document: ownDocument, Signature: sign(signer, ownDocument)})
}

// Handlers that trust another key let nobody in, rather than anybody.
func TestCertificateOfAnotherKey(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for name, key := range map[string]crypto.Signer{"ECDSA": newECDSA(t), "another Ed25519": newEd25519(t)} {
		for _, v := range Versions() {
			handler := NewHandler(v, Queries{s.pool}, testEngine(t), certificateOf(t, key))
			other := *s
			other.urls = map[string]string{v.Name: serve(t, handler)}
			if got := other.ask(t, v.Name, w, ""); got.status != 401 {
				t.Errorf("%s, certificate of %s: got %d %s, want 401", v.Name, name, got.status, got.body)
			}
		}
	}
}

// checkRefused requires one and the same 401 of every version, and that it came to
// nothing but the signature.
func (s *service) checkRefused(t *testing.T, spied *spy, name string, request AuthRequest) {
	t.Helper()
	for _, v := range Versions() {
		got := s.present(t, v.Name, request)
		if want := `{"message":"The identity document is not valid."}`; got.status != 401 || got.body != want {
			t.Errorf("%s, %s: got %d %s, want 401 %s", v.Name, name, got.status, got.body, want)
		}
		if statements, checks := spied.noted(); len(statements)+len(checks) != 0 {
			t.Errorf("%s, %s: got statements %v, checks %v; want none", v.Name, name, statements, checks)
		}
	}
}

// checkGranted requires of every version the token of the one agent of w.
func (s *service) checkGranted(t *testing.T, w *world, name string, request AuthRequest) {
	t.Helper()
	for _, v := range Versions() {
		if got := s.present(t, v.Name, request); got.outcome(w) != "main" {
			t.Errorf("%s, %s: got %s (%s), want the agent's token", v.Name, name, got.outcome(w), got.body)
		}
	}
}

// documentOf is what the cloud says of the world's instance, without the signature.
func documentOf(w *world) string {
	return `{"instanceId":"` + w.instanceID + `","region":"eu-central-1"}`
}

func sign(s *Signer, document string) string {
	return encoded(ed25519.Sign(s.key, []byte(document)))
}

func signedBy(t *testing.T, key *ecdsa.PrivateKey, document string) []byte {
	t.Helper()
	digest := sha256.Sum256([]byte(document))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// withOrderAdded is the same signature with its second half, a number, written otherwise.
func withOrderAdded(raw []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	half := bytes.Clone(raw[32:])
	slices.Reverse(half) // it is little-endian
	sum := new(big.Int).Add(new(big.Int).SetBytes(half), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return append(bytes.Clone(raw[:32]), sum...)
}

func flipped(raw []byte, bit int) []byte {
	raw = bytes.Clone(raw)
	raw[bit/8] ^= 0x80 >> (bit % 8)
	return raw
}

// withIdleBits sets a bit of the last letter that no byte is made of.
func withIdleBits(text string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(strings.TrimRight(text, "=")) - 1
	other := letters[strings.IndexByte(letters, text[last])|1]
	return text[:last] + string(other) + text[last+1:]
}

func inLines(text string, width int) string {
	var lines []string
	for len(text) > width {
		lines = append(lines, text[:width])
		text = text[width:]
	}
	return strings.Join(append(lines, text), "\n") + "\n"
}

func encoded(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func newECDSA(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certificateOf returns one of key that signs itself.
func certificateOf(t *testing.T, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func newEd25519(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
