package agentauth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"
)

// A Signer plays the cloud: it signs instance identity documents.
type Signer struct {
	key         ed25519.PrivateKey
	Certificate *x509.Certificate
}

// NewSigner makes an Ed25519 key pair. The cloud uses RSA, but making an RSA key takes
// longer than many measurements.
func NewSigner() (*Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	return &Signer{key: key, Certificate: certificate}, nil
}

// sharedSigner is used by all scenarios.
var sharedSigner = sync.OnceValues(NewSigner)

// Request returns the request of an agent on the instance instanceID.
func (s *Signer) Request(instanceID, agentName string) AuthRequest {
	document, _ := json.Marshal(map[string]string{"instanceId": instanceID}) // strings can always be marshaled
	return AuthRequest{
		Document:  string(document),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, document)),
		AgentName: agentName,
	}
}
