package crm

import (
	"fmt"
	"net/http"
	"strconv"
)

// Language is a language that errors are told in.
type Language uint8

// The languages of errors. Chinese is the one for callers who ask for neither.
const (
	Chinese Language = iota
	English
)

// Error is a refusal that the caller is told about. Code, the message and Kind
// go out as "code", "message" and "error"; Detail stays in the log and must
// not carry a token, a password or a phone number.
type Error struct {
	Code    int
	Message string // in Chinese
	English string // the same in English
	Kind    string
	// Bare is the form without "error" but with "data": null. The origin
	// uses it for a replaced session only.
	Bare   bool
	Detail string
	// Data is what a handler may need besides, such as the hits of a duplicate
	// check. It goes out only where the handler has put a function in its
	// place that writes further members of the envelope: see package call.
	Data any
}

// In is the message in a language.
func (e *Error) In(l Language) string {
	if l == English && e.English != "" {
		return e.English
	}
	return e.Message
}

// Status is the HTTP status of the answer. It is 200 for whatever the API
// refuses, since its clients give up on any other before they read the code.
func (e *Error) Status() int {
	switch e.Code {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusInternalServerError, http.StatusServiceUnavailable:
		return e.Code
	}
	return http.StatusOK
}

func (e *Error) Error() string {
	if e.Detail != "" {
		return fmt.Sprintf("%d %s: %s", e.Code, e.Kind, e.Detail)
	}
	return fmt.Sprintf("%d %s", e.Code, e.Kind)
}

// Is makes errors.Is compare by code and kind, so that a copy with its own
// message or detail is still the same error.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Kind == e.Kind && t.Bare == e.Bare
}

// With gives a copy of the error with a detail for the log.
func (e *Error) With(detail string) *Error {
	c := *e
	c.Detail = detail
	return &c
}

// The errors of the system, one for each row of the table in docs/api.md.
var (
	// ErrReplaced ends a session that a newer sign-in on the same kind of
	// device has replaced. Letter for letter the first seed's body.
	ErrReplaced = &Error{Code: 100401, Message: "你的帐号已在其他地方登录,本地已经下线",
		English: "Your account has signed in elsewhere, and this session has ended.", Bare: true}
	// ErrUnauthenticated is the answer to no token, an unknown or an expired
	// one, and to the token of a disabled user.
	ErrUnauthenticated = &Error{Code: 100401, Message: "您的登录已经过期,请重新登录!",
		English: "Your sign-in has expired. Please sign in again.", Kind: "user_authentication_error"}
	// ErrNotFound is the answer for what does not exist and for what the
	// caller may not see, indistinguishably. The second seed's body.
	ErrNotFound = &Error{Code: 100100, Message: "您没有权限查看该对象或该对象不存在。",
		English: "The record does not exist, or you may not see it.", Kind: "active_record/record_not_found"}
	// ErrBadLogin is the answer to a wrong password and to an unknown login.
	ErrBadLogin = &Error{Code: 100400, Message: "帐号或密码错误",
		English: "The account or the password is wrong.", Kind: "auth_error"}
	// ErrLocked is the answer while sign-in is locked after too many failures.
	ErrLocked = &Error{Code: 100500, Message: "登录失败次数过多,请稍后再试",
		English: "Too many sign-ins have failed. Please try again later.", Kind: "auth_lock_error"}
	// ErrForbidden says that the caller's role lacks the operation right.
	ErrForbidden = &Error{Code: 401, Message: "您没有权限进行该操作",
		English: "You do not have the right to do this.", Kind: "unauthorized_error"}
	// ErrNoRoute and ErrMethod answer requests that no route serves.
	ErrNoRoute = &Error{Code: 404, Message: "您访问的接口不存在",
		English: "There is no API at this path.", Kind: "routing_error"}
	ErrMethod = &Error{Code: 405, Message: "该接口不支持此请求方式",
		English: "This API does not take this request method.", Kind: "method_not_allowed"}
	// Conflict says that somebody else was faster: the record is no longer the
	// one that If-Match names. Nothing was written.
	Conflict = &Error{Code: 409, Message: "该记录已被他人修改,请刷新后重试", Kind: "stale_object_error",
		English: "Somebody else has changed this record. Please read it again and retry."}
	// ErrUnavailable says that the database, or the part of it that holds the
	// organization, does not answer now. Nothing was written.
	ErrUnavailable = &Error{Code: 503, Message: "服务暂时不可用,请稍后再试",
		English: "The service is not available now. Please try again later.", Kind: "service_unavailable"}
	// ErrUnknownOutcome says that the database was lost while the change was
	// being committed: it is there as a whole or not at all.
	ErrUnknownOutcome = &Error{Code: 503, Message: "服务暂时不可用,本次提交的结果未知,请查询后再决定是否重试",
		English: "The service is not available now, and the outcome of this change is not known. Please look before you repeat it.",
		Kind:    "outcome_unknown"}
	// ErrInternal hides every unforeseen failure.
	ErrInternal = &Error{Code: 500, Message: "抱歉~ 系统出错了,攻城狮们已经在修理了!",
		English: "Sorry, something has gone wrong in the system. We are looking into it.", Kind: "internal_server_error"}
)

// Codes and kinds of refused input: kindInvalid is for what a record may not
// be, kindParam for a parameter that a call cannot read.
const (
	codeInvalid   = 100406
	kindInvalid   = "entity_validation_error"
	kindParam     = "rails_param/param/invalid_parameter_error"
	codeDuplicate = 100407
	kindDuplicate = "entity_duplicate_error"
)

// Invalid refuses an entity: a required field is missing, a value is of the
// wrong type, an option or an owner is unknown. Nothing was written.
func Invalid(zh, en string) *Error {
	return &Error{Code: codeInvalid, Message: zh, English: en, Kind: kindInvalid}
}

// BadParam refuses a parameter of a call or a body that cannot be read.
func BadParam(zh, en string) *Error {
	return &Error{Code: codeInvalid, Message: zh, English: en, Kind: kindParam}
}

// Duplicate refuses an entity that equals another one in a field that the
// organization checks. Nothing was written.
func Duplicate(zh, en string) *Error {
	return &Error{Code: codeDuplicate, Message: zh, English: en, Kind: kindDuplicate}
}

// Required is the refusal of a missing value. The labels are the field's name
// in both languages, as of FieldLabel.
func Required(labelZh, labelEn string) *Error {
	return Invalid(labelZh+"不能为空", labelEn+" must not be blank")
}

// TooLong is the refusal of a text above its limit.
func TooLong(labelZh, labelEn string, limit int) *Error {
	n := strconv.Itoa(limit)
	return Invalid(labelZh+"不能超过"+n+"个字符", labelEn+" must not have more than "+n+" characters")
}

// tooLong is TooLong for a field of the system.
func tooLong(entity, name string, limit int) *Error {
	zh, en := FieldLabel(entity, name)
	return TooLong(zh, en, limit)
}

// Table lists one specimen of every error, for the documents and their tests.
func Table() []*Error {
	return []*Error{
		ErrReplaced, ErrUnauthenticated, ErrNotFound, ErrBadLogin, ErrLocked,
		Invalid("…", "…"), BadParam("…", "…"), Duplicate("…", "…"), ErrForbidden, Conflict, ErrNoRoute, ErrMethod,
		ErrUnavailable, ErrUnknownOutcome, ErrInternal,
	}
}
