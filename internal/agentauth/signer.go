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

// A Signer stands in for the cloud: it signs instance identity documents.
type Signer struct {
	key         ed25519.PrivateKey
	Certificate *x509.Certificate
}

// NewSigner makes a key pair. It is of Ed25519, not of RSA as the cloud's: to make one of
// RSA takes longer than many cells do.
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

// sharedSigner serves all scenarios.
var sharedSigner = sync.OnceValues(NewSigner)

// Request returns the request of an agent that runs on instanceID.
func (s *Signer) Request(instanceID, agentName string) AuthRequest {
	document, _ := json.Marshal(map[string]string{"instanceId": instanceID}) // strings always can be
	return AuthRequest{
		Document:  string(document),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, document)),
		AgentName: agentName,
	}
}
