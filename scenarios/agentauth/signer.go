package agentauth

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"sync"
)

// A Signer stands in for the cloud: it signs instance identity documents.
type Signer struct {
	key         *rsa.PrivateKey
	Certificate *x509.Certificate
}

// NewSigner makes a key pair.
func NewSigner() (*Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
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

// sharedSigner serves all scenarios: making a key takes longer than a cell.
var sharedSigner = sync.OnceValues(NewSigner)

// Request returns the request of an agent that runs on instanceID.
func (s *Signer) Request(instanceID, agentName string) (AuthRequest, error) {
	document, err := json.Marshal(map[string]string{"instanceId": instanceID})
	if err != nil {
		return AuthRequest{}, err
	}
	digest := sha256.Sum256(document)
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, digest[:])
	if err != nil {
		return AuthRequest{}, fmt.Errorf("sign the document: %w", err)
	}
	return AuthRequest{
		Document:  string(document),
		Signature: base64.StdEncoding.EncodeToString(signature),
		AgentName: agentName,
	}, nil
}
