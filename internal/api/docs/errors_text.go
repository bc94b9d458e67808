package docs

import "guanxi/internal/crm"

type bilingual struct{ zh, en string }

func (b bilingual) in(l crm.Language) string {
	if l == crm.English {
		return b.en
	}
	return b.zh
}

// occasions say when an error is answered, by its kind.
var occasions = map[string]bilingual{
	"": {"同一类设备上有了新的登录,本次登录因此失效。",
		"A newer sign-in on the same kind of device ended this session."},
	"user_authentication_error": {"没有令牌、令牌不存在或已过期,或者用户已被停用。请重新登录。",
		"There is no token, the token is unknown or expired, or its user is disabled. Sign in again."},
	"active_record/record_not_found": {"记录不存在,或者调用者无权查看;两种情况不作区分。",
		"The record does not exist, or the caller may not see it; the two cannot be told apart."},
	"auth_error": {"密码错误、帐号不存在,或者用户已被停用。",
		"The password is wrong, the account is unknown, or the user is disabled."},
	"auth_lock_error": {"登录失败次数过多,一段时间内拒绝登录。",
		"Sign-in is locked for a while after too many failures."},
	"entity_validation_error": {"记录不符合要求:缺少必填项,文本过长,或者选项、负责人、部门、标签不存在。message说明具体原因。没有写入任何数据。",
		"A record may not be so: something required is missing, a text is too long, or an option, owner, department or label does not exist. The message says what is wrong. Nothing was written."},
	"rails_param/param/invalid_parameter_error": {"参数或请求内容无法读取,例如类型不对。message说明具体原因并指出字段。没有写入任何数据。",
		"A parameter or the body cannot be read, for example because of a wrong type. The message says what is wrong and names the field. Nothing was written."},
	"entity_duplicate_error": {"查重字段与已有记录相同。message指出字段。没有写入任何数据。",
		"A record with the same value in a field of the duplicate check is there already. The message names the field. Nothing was written."},
	"unauthorized_error": {"调用者的角色没有此操作权限。",
		"The caller's role lacks the right to this operation."},
	"stale_object_error": {"请求带有If-Match,但记录已被他人修改。没有写入任何数据;请重新读取后再试。",
		"The request carries If-Match, and somebody else has changed the record since. Nothing was written; read the record again and retry."},
	"routing_error": {"没有这个路径。", "There is no such path."},
	"method_not_allowed": {"该路径不支持此请求方式;Allow列出支持的方式。",
		"The path does not take this method; Allow names those it takes."},
	"service_unavailable": {"数据库没有响应。没有写入任何数据;Retry-After说明多久之后可以重试。",
		"The database does not answer. Nothing was written; Retry-After says when to ask again."},
	"outcome_unknown": {"提交时数据库失去响应:修改要么全部写入,要么完全没有写入。使用相同的request_ticket可以安全地重试。",
		"The database was lost while the change was being committed: it is there as a whole or not at all. With the same request_ticket the call can be repeated safely."},
	"internal_server_error": {"未预料的错误。请把旁边的request_id告诉管理员,凭它可以在日志中找到原因。",
		"Something unforeseen. Tell the administrator the request_id beside it, which finds the cause in the log."},
}

// text is what stands around the table.
type text struct {
	Code, Other, OtherName          string
	Title, Intro, Language, Rate    string
	HeadCode, HeadMessage, HeadKind string
	HeadStatus, HeadWhen, NoKind    string
}

var texts = map[crm.Language]text{
	crm.Chinese: {
		Code: "zh-CN", Other: "en", OtherName: "English",
		Title:    "错误码",
		Intro:    "成功的回答是HTTP 200,code为0。拒绝的请求同样回答HTTP 200,code不为0;message给人看,error供程序判断。message为“…”的错误,其内容随具体原因而变。",
		Language: "message的语言由请求头Accept-Language决定:默认中文,更偏好英文时为英文。",
		Rate:     "超过频率限制时,回答是HTTP 429和纯文本Retry later,不是JSON;Retry-After说明等待的秒数。",
		HeadCode: "code", HeadMessage: "message", HeadKind: "error", HeadStatus: "HTTP", HeadWhen: "何时出现",
		NoKind: "(无;data为null)",
	},
	crm.English: {
		Code: "en", Other: "zh", OtherName: "中文",
		Title:    "Error codes",
		Intro:    "Success is HTTP 200 with code 0. What the API refuses is HTTP 200 as well, with another code; message is for people, error for programs. Where the message is “…”, it says what is wrong in each case.",
		Language: "The request header Accept-Language decides on the language of message: Chinese, unless English is preferred.",
		Rate:     "Above the rate limit the answer is HTTP 429 with the plain text Retry later and no JSON; Retry-After says how many seconds to wait.",
		HeadCode: "code", HeadMessage: "message", HeadKind: "error", HeadStatus: "HTTP", HeadWhen: "when",
		NoKind: "(none; data is null)",
	},
}
