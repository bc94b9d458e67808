package docs

import "guanxi/internal/crm"

// pageWords are what stands around the operations.
type pageWords struct {
	Search, Document, Errors, Contents, Schemas    string
	NoToken, Token, Rights, NoRight, Access        string
	Parameters, Body, Answer, Example, Refusals    string
	Name, Where, Type, Meaning, Code, Kind, Says   string
	Required, Alias, OriginLabel, Also, Everywhere string
	Origins                                        map[string]string
}

var pageTexts = map[crm.Language]pageWords{
	crm.Chinese: {
		Search: "查找:路径、名称、说明", Document: "OpenAPI 3.1 文档", Errors: "错误码", Contents: "目录", Schemas: "数据结构",
		NoToken: "无需令牌", Token: "需要令牌", Rights: "操作权限", NoRight: "无需专门的操作权限", Access: "可见范围",
		Parameters: "参数", Body: "正文", Answer: "回答", Example: "示例", Refusals: "可能的拒绝",
		Name: "名称", Where: "位置", Type: "类型", Meaning: "说明", Code: "code", Kind: "error", Says: "message",
		Required: "必填", Alias: "别名", OriginLabel: "来源", Also: "同样有效",
		Everywhere: "任何调用还可能得到 500、503;需要令牌的调用还可能得到 429 和会话被取代的拒绝。",
		Origins:    map[string]string{"documented": "原系统文档", "observed": "见于原系统的客户端", "ours": "我们的扩展"},
	},
	crm.English: {
		Search: "Search: path, name, description", Document: "OpenAPI 3.1 document", Errors: "Error codes", Contents: "Contents",
		Schemas: "Schemas", NoToken: "no token needed", Token: "with a token", Rights: "operation rights",
		NoRight: "no operation right of its own", Access: "what is seen",
		Parameters: "Parameters", Body: "Body", Answer: "Answer", Example: "Example", Refusals: "Refusals",
		Name: "name", Where: "where", Type: "type", Meaning: "meaning", Code: "code", Kind: "error", Says: "message",
		Required: "required", Alias: "alias", OriginLabel: "origin", Also: "served as well",
		Everywhere: "Any call may also be answered with 500 and 503; one with a token also with 429 and with the refusal of a replaced session.",
		Origins: map[string]string{"documented": "the origin's documents", "observed": "seen in clients of the origin",
			"ours": "our own"},
	},
}
