package zh

// usualReadings gives the reading in names of characters for which the first
// reading of the dictionary is not the one most often meant there.
const usualReadings = `
长長=chang 都=du 地=di 佛=fo 茄=qie 曾=zeng 翟=zhai 卜=bu 覃=qin 缪繆=miao
泊=bo 薄=bo 什=shi 勒=le 肋=lei 轧軋=zha 仔=zai 爪=zhua 琢=zhuo 柞=zuo
幢=zhuang 伺=si 脯=fu 嚼=jiao 蛤=ge 伽=jia 辗=zhan 傀=kui 晟=sheng 珩=heng
焘燾=tao 靓=liang 隽雋=jun 炔=que 阚闞=kan 郇=xun 槟檳=bing 葚=shen 纥紇=he
擘=bo 呱=gua 唛=mai 嗯=en 嗲=dia 麽=me 鹄鵠=hu 龈齦=yin 鲭鯖=qing 鯽=ji 縝=zhen
閡=he 恒恆=heng 埗=bu 劲勁=jin 粘=zhan 莞=guan 呗唄=bei 洼=wa 谌諶=chen
`
