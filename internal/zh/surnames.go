package zh

// maxPersonRun is the longest run of Han characters that can be a person's
// name with a form of address at its end: four and two characters.
const maxPersonRun = 6

// surnameReadings lists the characters whose reading as a surname differs from
// their usual one. Surnames of two characters with an unusual reading stand in
// the phrase lists.
const surnameReadings = `
单單=shan 仇=qiu 区區=ou 解=xie 查=zha 朴=piao 盖蓋=ge 乐樂=yue 召=shao
员員=yun 折=she 种種=chong 秘祕=bi 繁=po 么=yao 祭=zhai 佴=nai 隗=wei 曾=zeng
`

// titles lists the forms of address that show the character before them to be
// a surname.
const titles = `
先生 女士 小姐 氏 太太 夫人 经理 經理 总监 總監 老师 老師 老板 老闆 医生 醫生
大夫 主任 教授 师傅 師傅 阿姨 同学 同學 律师 律師 博士 警官 院长 院長 局长 局長
`

// endTitles lists the forms of address that are one only at the end of a name.
const endTitles = `总 總 董 工 哥 姐`

// companyEndings lists words that end the names of companies, institutions and
// places, but hardly ever a person's name.
const companyEndings = `
公司 集团 集團 中心 工作室 银行 銀行 商行 厂 廠 店 馆 館 部 局 院 吧 铺 舖 鋪
超市 商场 商場 学校 學校 大学 大學 中学 中學 小学 小學 医院 醫院 餐厅 餐廳 网
科技 贸易 貿易 实业 實業 县 縣 市 区 區 镇 鎮 乡 鄉 村 街道 协会 協會 基金
平台 系统 系統 方案 计划 計劃 产品 產品 项目 項目 服务 服務 客户 客戶 合作社
`
