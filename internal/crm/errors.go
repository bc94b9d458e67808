package crm

import "fmt"

// Error is a refusal that the caller is told about. Code, Message and Kind go
// out as "code", "message" and "error"; Detail stays in the log and must not
// carry a token, a password or a phone number.
type Error struct {
	Code    int
	Message string
	Kind    string
	// Bare is the form without "error" but with "data": null. The origin
	// uses it for a replaced session only.
	Bare   bool
	Detail string
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
	ErrReplaced = &Error{Code: 100401, Message: "你的帐号已在其他地方登录,本地已经下线", Bare: true}
	// ErrUnauthenticated is the answer to no token, an unknown or an expired
	// one, and to the token of a disabled user.
	ErrUnauthenticated = &Error{Code: 100401, Message: "您的登录已经过期,请重新登录!", Kind: "user_authentication_error"}
	// ErrNotFound is the answer for what does not exist and for what the
	// caller may not see, indistinguishably. The second seed's body.
	ErrNotFound = &Error{Code: 100100, Message: "您没有权限查看该对象或该对象不存在。", Kind: "active_record/record_not_found"}
	// ErrBadLogin is the answer to a wrong password and to an unknown login.
	ErrBadLogin = &Error{Code: 100400, Message: "帐号或密码错误", Kind: "auth_error"}
	// ErrLocked is the answer while sign-in is locked after too many failures.
	ErrLocked = &Error{Code: 100500, Message: "登录失败次数过多,请稍后再试", Kind: "auth_lock_error"}
	// ErrForbidden says that the caller's role lacks the operation right.
	ErrForbidden = &Error{Code: 401, Message: "您没有权限进行该操作", Kind: "unauthorized_error"}
	// ErrNoRoute and ErrMethod answer requests that no route serves.
	ErrNoRoute = &Error{Code: 404, Message: "您访问的接口不存在", Kind: "routing_error"}
	ErrMethod  = &Error{Code: 405, Message: "该接口不支持此请求方式", Kind: "method_not_allowed"}
	// ErrUnavailable says that the database, or the part of it that holds the
	// organization, does not answer now. Nothing was written.
	ErrUnavailable = &Error{Code: 503, Message: "服务暂时不可用,请稍后再试", Kind: "service_unavailable"}
	// ErrUnknownOutcome says that the database was lost while the change was
	// being committed: it is there as a whole or not at all.
	ErrUnknownOutcome = &Error{Code: 503, Message: "服务暂时不可用,本次提交的结果未知,请查询后再决定是否重试", Kind: "outcome_unknown"}
	// ErrInternal hides every unforeseen failure.
	ErrInternal = &Error{Code: 500, Message: "抱歉~ 系统出错了,攻城狮们已经在修理了!", Kind: "internal_server_error"}
)

// Codes and kinds of refused input: ErrInvalid is for what a record may not
// be, ErrParam for a parameter that a call cannot read.
const (
	codeInvalid = 100406
	kindInvalid = "entity_validation_error"
	kindParam   = "rails_param/param/invalid_parameter_error"
)

// Invalid refuses an entity: a required field is missing, a value is of the
// wrong type, an option or an owner is unknown. Nothing was written.
func Invalid(message string) *Error {
	return &Error{Code: codeInvalid, Message: message, Kind: kindInvalid}
}

// BadParam refuses a parameter of a call or a body that cannot be read.
func BadParam(message string) *Error {
	return &Error{Code: codeInvalid, Message: message, Kind: kindParam}
}

// Table lists one specimen of every error, for the document and its test.
func Table() []*Error {
	return []*Error{
		ErrReplaced, ErrUnauthenticated, ErrNotFound, ErrBadLogin, ErrLocked,
		Invalid("…"), BadParam("…"), ErrForbidden, ErrNoRoute, ErrMethod, ErrUnavailable, ErrUnknownOutcome,
		ErrInternal,
	}
}
