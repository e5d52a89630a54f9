package agentauth

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// instanceID verifies an instance identity document and returns the ID of the
// instance it speaks for. signature is base64 of RSA PKCS #1 v1.5 over the SHA-256
// of document, made with the key of certificate.
func instanceID(document, signature string, certificate *x509.Certificate) (string, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	if err := certificate.CheckSignature(x509.SHA256WithRSA, []byte(document), raw); err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	var identity struct {
		InstanceID string `json:"instanceId"`
	}
	if err := json.Unmarshal([]byte(document), &identity); err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	if identity.InstanceID == "" {
		return "", errors.New("document names no instance")
	}
	return identity.InstanceID, nil
}
