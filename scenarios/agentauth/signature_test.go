package agentauth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"math/big"
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
	text := sign(t, signer, document)
	raw := decoded(t, text)
	modulus := signer.key.N
	signs := document // with what base64 has other letters for in URLs
	for !strings.ContainsAny(sign(t, signer, signs), "+/") {
		signs += " "
	}

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
		of("one", new(big.Int).SetInt64(1).FillBytes(make([]byte, len(raw)))),
		of("minus one", new(big.Int).Sub(modulus, big.NewInt(1)).FillBytes(make([]byte, len(raw)))),
		of("the modulus", modulus.FillBytes(make([]byte, len(raw)))),
		of("the modulus added", new(big.Int).Add(new(big.Int).SetBytes(raw), modulus).Bytes()),
		of("negated", new(big.Int).Sub(modulus, new(big.Int).SetBytes(raw)).FillBytes(make([]byte, len(raw)))),

		{"text cut off", document, text[:len(text)-1]},
		{"text without padding", document, strings.TrimRight(text, "=")},
		{"text with other padding", document, strings.TrimRight(text, "=") + "%3D%3D"},
		{"text with bits that do not count", document, withIdleBits(text)},
		{"text after it", document, text + "AAAA"},
		{"a space in it", document, text[:64] + " " + text[64:]},
		{"a tab after it", document, text + "\t"},
		{"a NUL after it", document, text + "\x00"},
		{"a letter that looks alike", document, "А" + text[1:]},
		{"for URLs", signs, strings.NewReplacer("+", "-", "/", "_").Replace(sign(t, signer, signs))},
		{"encoded twice", document, encoded([]byte(text))},
		{"hexadecimal", document, hex.EncodeToString(raw)},
		{"not encoded", document, string(raw)},
		{"PEM", document, "-----BEGIN PKCS7-----\n" + text + "\n-----END PKCS7-----"},
		{"the document", document, document},
		{"null", document, "null"},

		of("another key", signedBy(t, newRSA(t, 2048), crypto.SHA256, document)),
		of("a longer key", signedBy(t, newRSA(t, 2056), crypto.SHA256, document)),
		of("a shorter key", signedBy(t, newRSA(t, 1024), crypto.SHA256, document)),
		of("an ECDSA key", signedBy(t, newECDSA(t), crypto.SHA256, document)),
		of("an Ed25519 key", signedByEd25519(t, document)),
		of("SHA-1", signedBy(t, signer.key, crypto.SHA1, document)),
		of("SHA-384", signedBy(t, signer.key, crypto.SHA384, document)),
		of("SHA-512", signedBy(t, signer.key, crypto.SHA512, document)),
		of("the hash of the hash", decoded(t, sign(t, signer, digestOf(document)))),
		of("PSS", signedPSS(t, signer.key, document)),
		of("a hash that is not named", unnamedHash(t, signer.key, document)),
		of("no padding", powered(signer.key, []byte(digestOf(document)))),
		of("padding of encryption", powered(signer.key, padded(2, document, ""))),
		of("little padding, and more after the hash", powered(signer.key, padded(1, document, strings.Repeat("\x00", 64)))),

		{"of the attacker's instance", document, sign(t, signer, ownDocument)},
		{"of no document", document, sign(t, signer, "")},
		{"of the victim's ID alone", document, sign(t, signer, victim.instanceID)},

		{"a space before", " " + document, text},
		{"a space after", document + " ", text},
		{"a NUL after the document", document + "\x00", text},
		{"a byte order mark", "\ufeff" + document, text},
		{"a letter escaped", strings.Replace(document, "instanceId", `instanceI\u0064`, 1), text},
		{"a letter in capitals", strings.Replace(document, "instanceId", "InstanceId", 1), text},
		{"another region", strings.Replace(document, "central", "north", 1), text},
		{"no document", "", text},
		{"the victim's ID alone", victim.instanceID, text},
		{"the attacker's document, the victim appended", ownDocument + document, sign(t, signer, ownDocument)},
		{"the attacker's document, the victim inside", strings.TrimSuffix(ownDocument, "}") + `,"instanceId":"` + victim.instanceID + `"}`, sign(t, signer, ownDocument)},
		{"the attacker's document, the ID replaced", strings.Replace(ownDocument, own.instanceID, victim.instanceID, 1), sign(t, signer, ownDocument)},
	}
	for _, f := range forgeries {
		s.checkRefused(t, spied, f.name, AuthRequest{Document: f.document, Signature: f.signature, AgentName: "main"})
	}
	// Of an instance that there is not, nothing else is said.
	s.checkRefused(t, spied, "unknown instance", AuthRequest{Document: documentOf(newWorld()), Signature: text})

	// None of it was refused for another reason.
	s.checkGranted(t, victim, "valid", AuthRequest{Document: document, Signature: text})
	s.checkGranted(t, victim, "valid, in lines as the cloud writes it", AuthRequest{Document: document, Signature: inLines(text, 64)})
	s.checkGranted(t, own, "the attacker's own", AuthRequest{Document: ownDocument, Signature: sign(t, signer, ownDocument)})
}

// Handlers that trust another kind of key let nobody in, rather than anybody.
func TestCertificateOfAnotherKind(t *testing.T) {
	s := newService(t)
	w := stored(t, s.pool, oneBuildAgent)
	for name, key := range map[string]crypto.Signer{"ECDSA": newECDSA(t), "Ed25519": newEd25519(t)} {
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

func sign(t *testing.T, s *Signer, document string) string {
	t.Helper()
	return encoded(signedBy(t, s.key, crypto.SHA256, document))
}

func signedBy(t *testing.T, key crypto.Signer, hash crypto.Hash, document string) []byte {
	t.Helper()
	h := hash.New()
	h.Write([]byte(document))
	signature, err := key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func signedByEd25519(t *testing.T, document string) []byte {
	t.Helper()
	signature, err := newEd25519(t).Sign(nil, []byte(document), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func signedPSS(t *testing.T, key *rsa.PrivateKey, document string) []byte {
	t.Helper()
	signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, []byte(digestOf(document)), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func unnamedHash(t *testing.T, key *rsa.PrivateKey, document string) []byte {
	t.Helper()
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.Hash(0), []byte(digestOf(document)))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

func digestOf(document string) string {
	digest := sha256.Sum256([]byte(document))
	return string(digest[:])
}

// sha256Name is what PKCS #1 puts before a SHA-256.
const sha256Name = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"

// padded is the block of a signature of document, but for its kind and what follows
// the hash. Of kind 1, and with nothing after, it would be good.
func padded(kind byte, document, after string) []byte {
	end := "\x00" + sha256Name + digestOf(document) + after
	block := append([]byte{0, kind}, bytes.Repeat([]byte{0xff}, 256-2-len(end))...)
	return append(block, end...)
}

// powered signs a block as it is.
func powered(key *rsa.PrivateKey, block []byte) []byte {
	m := new(big.Int).SetBytes(block)
	return m.Exp(m, key.D, key.N).FillBytes(make([]byte, key.Size()))
}

// A block made by hand is signed as well as any other; what is refused is in the block.
func TestForgersCanSign(t *testing.T) {
	signer, document := testSigner(t), documentOf(newWorld())
	if got, want := powered(signer.key, padded(1, document, "")), decoded(t, sign(t, signer, document)); !bytes.Equal(got, want) {
		t.Errorf("got signature %x, want %x", got, want)
	}
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

func newRSA(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
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
