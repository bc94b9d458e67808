package param

import (
	"fmt"
	"strconv"
	"strings"
)

// ErrorKind tells why a request could not be decoded.
type ErrorKind uint8

// The kinds of an Error. The zero ErrorKind is never used in an Error.
const (
	// TooLarge means that the body, a multipart field or a name is longer than its limit.
	TooLarge ErrorKind = iota + 1
	// TooDeep means that objects and lists are nested beyond the limit.
	TooDeep
	// TooMany means that there are more keys and elements than the limit.
	TooMany
	// Malformed means that the request breaks the rules of its own encoding.
	Malformed
)

// String gives a stable English name, fit for logs and metrics.
func (k ErrorKind) String() string {
	switch k {
	case TooLarge:
		return "too large"
	case TooDeep:
		return "too deep"
	case TooMany:
		return "too many"
	case Malformed:
		return "malformed"
	default:
		return "unknown"
	}
}

// Error is the error of Decode for a request that the client got wrong.
type Error struct {
	// Kind is one of TooLarge, TooDeep, TooMany and Malformed.
	Kind ErrorKind
	// Message is a short Chinese sentence for the client.
	Message string
	// Detail is an English sentence for logs. It never contains anything the client sent.
	Detail string

	cause error
}

// Error gives the kind and the detail. Like Detail, it never repeats what the client sent.
func (e *Error) Error() string { return "param: " + e.Kind.String() + ": " + e.Detail }

// English gives the detail as a sentence for the client.
func (e *Error) English() string { return sentence(e.Detail) }

// Unwrap gives the cause when the body could not be read to its end, else nil. It serves errors.Is and errors.As. Its text
// may repeat what the client sent and does not belong into a log.
func (e *Error) Unwrap() error { return e.cause }

func malformed(message, detail string) *Error {
	return &Error{Kind: Malformed, Message: message, Detail: detail}
}

func bodyTooLarge(limit int64) *Error {
	return &Error{
		Kind:    TooLarge,
		Message: "请求内容过大",
		Detail:  fmt.Sprintf("the body is larger than %d bytes", limit),
	}
}

func keyTooLong(limit int) *Error {
	return &Error{
		Kind:    TooLarge,
		Message: "参数名或文件名过长",
		Detail:  fmt.Sprintf("a parameter name or file name is longer than %d bytes", limit),
	}
}

func tooDeep(limit int) *Error {
	return &Error{
		Kind:    TooDeep,
		Message: "参数嵌套过深",
		Detail:  fmt.Sprintf("parameters are nested deeper than %d levels", limit),
	}
}

func tooMany(limit int) *Error {
	return &Error{
		Kind:    TooMany,
		Message: "参数数量过多",
		Detail:  fmt.Sprintf("there are more than %d keys and elements", limit),
	}
}

func badJSON(offset int, what string) *Error {
	position := strconv.Itoa(offset + 1)
	return malformed("请求内容不是有效的 JSON（第 "+position+" 字节）", "JSON: "+what+" at byte "+position)
}

// FieldError is the error of the typed accessors: the parameter is given but is not what it has to be.
type FieldError struct {
	// Field is the name the caller asked for. It is empty when a Value was read without a name.
	Field string
	// Message is a short Chinese sentence for the client that names the field.
	Message string
	// Detail is an English sentence for logs that names the field and never repeats the value.
	Detail string

	want want
}

// Error gives the detail.
func (e *FieldError) Error() string { return "param: " + e.Detail }

// English gives the detail as a sentence for the client that names the field.
func (e *FieldError) English() string { return sentence(e.Detail) }

// For gives the sentences for the client in Chinese and in English, with these labels in place of the field's name.
func (e *FieldError) For(labelZh, labelEn string) (zh, en string) {
	zh, en = e.want.names()
	return labelZh + "必须是" + zh, labelEn + " must be " + en
}

func sentence(detail string) string { return strings.ToUpper(detail[:1]) + detail[1:] }

// want is the type that a typed accessor asks for.
type want uint8

const (
	wantInteger want = iota
	wantNumber
	wantBool
)

func (w want) names() (chinese, english string) {
	switch w {
	case wantNumber:
		return "数字", "a number"
	case wantBool:
		return "布尔值", "a boolean"
	default:
		return "整数", "an integer"
	}
}

func (w want) mismatch(field string) *FieldError {
	chinese, english := w.names()
	if field == "" {
		return &FieldError{Message: "参数必须是" + chinese, Detail: "the value is not " + english, want: w}
	}
	return &FieldError{
		want:    w,
		Field:   field,
		Message: "参数 " + field + " 必须是" + chinese,
		Detail:  fmt.Sprintf("parameter %q is not %s", field, english),
	}
}
