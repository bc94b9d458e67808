package service

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of argon2id: 19 MiB, two passes, one lane (the OWASP minimum). A
// hash carries its own cost, so raising this keeps old hashes valid.
const (
	argonMemory = 19 * 1024
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32
)

// hashers is how many passwords may be hashed at once: each takes 19 MiB and a
// core.
func hashers() int { return max(1, runtime.GOMAXPROCS(0)) }

// HashPassword makes the text that is kept for a password.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// parsedHash is a kept hash taken apart.
type parsedHash struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parseHash takes a kept text apart; ok is false for one that is no hash, such
// as the mark of a user without a password.
func parseHash(text string) (h parsedHash, ok bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return h, false
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return h, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil || h.passes == 0 || h.lanes == 0 {
		return h, false
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	return h, err1 == nil && err2 == nil && len(h.key) > 0
}

// PasswordFits compares in constant time. A hash that cannot be read, the empty one
// included, refuses every password and costs the same, so that an unknown login
// takes as long as a wrong password.
func PasswordFits(hash, password string) bool {
	h, ok := parseHash(hash)
	if !ok {
		h = parsedHash{argonMemory, argonTime, argonLanes, make([]byte, 16), make([]byte, argonKey)}
	}
	got := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(got, h.key) == 1 && ok
}

// NewPassword makes a password of 16 letters and digits that cannot be
// mistaken for one another, about 90 bits.
func NewPassword() string {
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, 16)
	for i := range b {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // the system's random source never fails
		}
		b[i] = letters[n.Int64()]
	}
	return string(b)
}

// MinPassword is the shortest password that a person may choose.
const MinPassword = 8
