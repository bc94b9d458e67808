package param

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// Credentials say who sends a request and from which client program.
type Credentials struct {
	// Token is the login token: visible ASCII characters, at most 256. It is empty when none was sent.
	Token string
	// Device is the device that the client names, or empty.
	Device string
	// VersionCode is the version that the client names, or empty.
	VersionCode string
}

const (
	// maxCredential bounds the bytes of a token, device or version. A longer one counts as not sent.
	maxCredential = 256
	// maxAuthorization bounds the bytes of an Authorization header. A longer one is not read.
	maxAuthorization = 4096
	// maxAuthorizations bounds how many Authorization headers are read.
	maxAuthorizations = 4
)

// Token gives the credentials of a request and reports whether there is a token. The token of the Authorization header
// comes first, then that of the Access-Token header, then the parameter user_token. A device or version that the
// header lacks is taken from the parameters. The parameters may be nil.
func Token(r *http.Request, p *Params) (Credentials, bool) {
	c, ok := HeaderToken(r.Header)
	if !ok {
		c.setToken(strings.TrimSpace(p.String("user_token")))
	}
	if c.Device == "" {
		c.setDevice(p.String("device"))
	}
	if c.VersionCode == "" {
		c.setVersion(p.String("version_code"))
	}
	return c, c.Token != ""
}

// HeaderToken gives the credentials in the headers alone and reports whether there is a token. It needs no parameters,
// so a caller that only wants the token can put off Decode. Without a token, the device and version that an
// Authorization header has are still given.
func HeaderToken(h http.Header) (Credentials, bool) {
	var c Credentials
	for i, header := range h["Authorization"] {
		if i == maxAuthorizations || c.Token != "" {
			break
		}
		c.readAuthorization(header)
	}
	if c.Token == "" {
		c.setToken(strings.TrimSpace(h.Get("Access-Token")))
	}
	return c, c.Token != ""
}

// readAuthorization reads one header of the form "Token token=T, device=D, version_code=V" or "Bearer T". The parts may
// come in any order, quoted or not, and be divided by commas, semicolons or blanks.
func (c *Credentials) readAuthorization(header string) {
	if len(header) > maxAuthorization {
		return
	}
	header = skipDividers(header)
	end := wordEnd(header)
	bearer := strings.EqualFold(header[:end], "Bearer")
	if !bearer && !strings.EqualFold(header[:end], "Token") {
		return
	}
	rest := skipDividers(header[end:])
	for first := true; rest != ""; first = false {
		end := nameEnd(rest)
		part, after := credentialOf(rest[:end]), skipSpaces(rest[end:])
		bare := after == "" || after[0] != '='
		var value string
		switch {
		case first && part == unknownPart && (bearer || bare):
			part = tokenPart
			value, rest = partValue(rest)
		case bare:
			rest = after
		default:
			value, rest = partValue(skipSpaces(after[1:]))
		}
		c.set(part, value)
		rest = skipDividers(rest)
	}
}

// partValue reads a value, quoted or not, and gives what follows it. A quotation that does not end is no value.
func partValue(s string) (value, rest string) {
	if s != "" && s[0] == '"' {
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return "", ""
		}
		return s[1 : end+1], s[end+2:]
	}
	end := wordEnd(s)
	return s[:end], s[end:]
}

// credential is a part of an Authorization header.
type credential uint8

const (
	unknownPart credential = iota
	tokenPart
	devicePart
	versionPart
)

// credentialOf tells which part a name stands for.
func credentialOf(name string) credential {
	var full string
	var part credential
	switch len(name) {
	case len("token"):
		full, part = "token", tokenPart
	case len("device"):
		full, part = "device", devicePart
	case len("version_code"):
		full, part = "version_code", versionPart
	default:
		return unknownPart
	}
	if name != full && !strings.EqualFold(name, full) {
		return unknownPart
	}
	return part
}

func (c *Credentials) set(part credential, value string) {
	switch part {
	case tokenPart:
		c.setToken(value)
	case devicePart:
		c.setDevice(value)
	case versionPart:
		c.setVersion(value)
	}
}

// setToken keeps the first token that is fit to be one.
func (c *Credentials) setToken(s string) {
	if c.Token != "" {
		return
	}
	if len(s) > maxCredential {
		return
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return
		}
	}
	c.Token = s
}

func (c *Credentials) setDevice(s string) {
	if c.Device == "" && isLabel(s) {
		c.Device = s
	}
}

func (c *Credentials) setVersion(s string) {
	if c.VersionCode == "" && isLabel(s) {
		c.VersionCode = s
	}
}

// isLabel tells whether a device or version is short, valid UTF-8 and without control characters.
func isLabel(s string) bool {
	if len(s) > maxCredential || !utf8.ValidString(s) {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// nameEnd gives the length of the text before the first divider or equals sign.
func nameEnd(s string) int {
	for i := range len(s) {
		if isDivider(s[i]) || s[i] == '=' {
			return i
		}
	}
	return len(s)
}

func isDivider(c byte) bool {
	const dividers uint64 = 1<<' ' | 1<<'\t' | 1<<',' | 1<<';'
	return c < 64 && dividers>>c&1 != 0
}

func skipDividers(s string) string {
	for s != "" && isDivider(s[0]) {
		s = s[1:]
	}
	return s
}

func skipSpaces(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}

// wordEnd gives the length of the text before the first divider.
func wordEnd(s string) int {
	for i := range len(s) {
		if isDivider(s[i]) {
			return i
		}
	}
	return len(s)
}
