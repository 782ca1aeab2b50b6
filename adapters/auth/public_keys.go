package auth

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clarion-app/download-manager/domain"
)

// minRSABits is the least size of a key that RS256 allows (RFC 7518, 3.3).
const minRSABits = 2048

// parsePublicKeys reads all RSA public keys and certificates of a PEM text.
func parsePublicKeys(text []byte) (jwt.VerificationKeySet, error) {
	var keys jwt.VerificationKeySet
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		key, err := parsePublicKey(block)
		if err != nil {
			return keys, domain.Invalid("jwtPublicKey", "%v", err)
		}
		keys.Keys = append(keys.Keys, key)
	}
	if len(keys.Keys) == 0 {
		return keys, domain.Invalid("jwtPublicKey", "holds no PEM block with a public key")
	}
	return keys, nil
}

func parsePublicKey(block *pem.Block) (*rsa.PublicKey, error) {
	var parsed any
	var err error
	switch {
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, errors.New("holds a private key; give only the public one")
	case block.Type == "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			parsed = certificate.PublicKey
		}
	case block.Type == "RSA PUBLIC KEY":
		parsed, err = x509.ParsePKCS1PublicKey(block.Bytes)
	default:
		parsed, err = x509.ParsePKIXPublicKey(block.Bytes)
	}
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("holds a key that is not RSA")
	}
	if key.N.BitLen() < minRSABits {
		return nil, errors.New("holds an RSA key of less than 2048 bits")
	}
	return key, nil
}
