package agentauth

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// instanceID verifies an instance identity document and returns the instance ID in it.
// signature is the base64 of an Ed25519 signature of document, made with the key
// of certificate.
func instanceID(document, signature string, certificate *x509.Certificate) (string, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	if err := certificate.CheckSignature(x509.PureEd25519, []byte(document), raw); err != nil {
		return "", fmt.Errorf("signature: %w", err)
	}
	var identity struct {
		InstanceID onlyMember `json:"instanceId"`
	}
	if err := json.Unmarshal([]byte(document), &identity); err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	switch id := identity.InstanceID.value; {
	case id == "":
		return "", errors.New("document names no instance")
	case strings.ContainsRune(id, 0): // PostgreSQL rejects it in text
		return "", errors.New("document names an invalid instance")
	default:
		return id, nil
	}
}

// An onlyMember is a string that occurs once in an object. Of several members,
// encoding/json takes the last, whether instanceId or INSTANCEID; the signer of
// the document may mean the first.
type onlyMember struct {
	value string
	seen  bool
}

func (m *onlyMember) UnmarshalJSON(raw []byte) error {
	if m.seen {
		return errors.New("named more than once")
	}
	m.seen = true
	return json.Unmarshal(raw, &m.value)
}
