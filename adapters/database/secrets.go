package database

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"github.com/clarion-app/download-manager/domain"
)

// sealedV1 is the first byte of credentials sealed with AES-256-GCM: then come
// a nonce and the sealed JSON. Other ways to seal would get other numbers.
const sealedV1 = 1

var errUnsealable = errors.New("the credentials cannot be decrypted: they are damaged, or the secret key has changed")

// secrets encrypts what must not be read from a stolen database.
type secrets struct{ aead cipher.AEAD }

func newSecrets(key [32]byte) (secrets, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return secrets{}, err
	}
	aead, err := cipher.NewGCM(block)
	return secrets{aead}, err
}

// sealedCredentials is what is sealed. Bytes, since what is in a URL need not be
// UTF-8.
type sealedCredentials struct {
	Username []byte `json:"u"`
	Password []byte `json:"p"`
}

// seal encrypts the credentials of a server, and binds them to it: copied to
// another server's row, they do not open. No credentials are nil.
func (s secrets) seal(serverID uuid.UUID, credentials domain.Credentials) ([]byte, error) {
	if credentials.IsZero() {
		return nil, nil
	}
	text, err := json.Marshal(sealedCredentials{[]byte(credentials.Username), []byte(credentials.Password)})
	if err != nil {
		return nil, err
	}
	sealed := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(text)+s.aead.Overhead())
	sealed[0] = sealedV1
	nonce := sealed[1:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return s.aead.Seal(sealed, nonce, text, serverID[:]), nil
}

// open decrypts what seal has made for the same server.
func (s secrets) open(serverID uuid.UUID, sealed []byte) (domain.Credentials, error) {
	if len(sealed) == 0 {
		return domain.Credentials{}, nil
	}
	start := 1 + s.aead.NonceSize()
	if sealed[0] != sealedV1 || len(sealed) < start {
		return domain.Credentials{}, errUnsealable
	}
	text, err := s.aead.Open(nil, sealed[1:start], sealed[start:], serverID[:])
	if err != nil {
		return domain.Credentials{}, errUnsealable
	}
	var credentials sealedCredentials
	if err := json.Unmarshal(text, &credentials); err != nil {
		return domain.Credentials{}, errUnsealable
	}
	return domain.Credentials{Username: string(credentials.Username), Password: string(credentials.Password)}, nil
}
