package zh

// cases lists names and their pinyin.
const cases = `
0永豐餘投資有限公司=0yongfengyutouziyouxiangongsi 重庆=chongqing 重慶=chongqing 单先生=shanxiansheng 单氏贸易有限公司=shanshimaoyiyouxiangongsi 經理1的客戶=jingli1dekehu 经理1的客户=jingli1dekehu 吕布=lvbu 女士=nvshi 绿地=lvdi
长沙=changsha 長沙=changsha 厦门=xiamen 廈門=xiamen 成都=chengdu 长春=changchun 长治=changzhi 长江=changjiang 六安=luan 蚌埠=bengbu 亳州=bozhou 番禺=panyu 台州=taizhou 丽水=lishui 乐清=yueqing 乐山=leshan 珲春=hunchun
大厦=dasha 银行=yinhang 銀行=yinhang 行业=hangye 商行=shanghang 车行=chehang 車行=chehang
会计=kuaiji 會計=kuaiji 重工=zhonggong 音乐=yinyue 快乐=kuaile 调味=tiaowei 调查=diaocha 朝阳=chaoyang 朝鲜=chaoxian 单县=shanxian 單縣=shanxian 洪洞=hongtong 莘县=shenxian 涡阳=guoyang 浚县=xunxian 铅山=yanshan 筠连=junlian 东阿=donge 歙县=shexian 大埔=dabu 黄埔=huangpu 内蒙古=neimenggu 都匀=duyun 都江堰=dujiangyan 巷道=hangdao 便宜=pianyi
长城=changcheng 成长=chengzhang 校长=xiaozhang 董事长=dongshizhang 经理=jingli 重量=zhongliang 重复=chongfu 藏族=zangzu 西藏=xizang 宝藏=baozang 传记=zhuanji 阿胶=ejiao 阿里巴巴=alibaba 茄子=qiezi 卡车=kache 血=xue 色子=shaizi 角色=juese 乾坤=qiankun 柏林=bolin 单位=danwei 简单=jiandan 区域=quyu 解决=jiejue 查询=chaxun 任务=renwu 地产=dichan 佛山=foshan
单雄信=shanxiongxin 單田芳=shantianfang 曾国藩=zengguofan 曾先生=zengxiansheng 曾经=cengjing 仇英=qiuying 区小姐=ouxiaojie 區小姐=ouxiaojie 解缙=xiejin 解经理=xiejingli 查良镛=zhaliangyong 朴女士=piaonvshi 任总=renzong 盖先生=gexiansheng 覃老师=qinlaoshi 冼星海=xianxinghai 缪斯=miaosi 尉迟恭=yuchigong 万俟卨=moqixie 长孙无忌=zhangsunwuji 長孫皇后=zhangsunhuanghou 令狐冲=linghuchong 单于=chanyu 乐毅=yueyi 乐嘉=yuejia 翟志刚=zhaizhigang 华罗庚=hualuogeng 宁静=ningjing 召先生=shaoxiansheng 员先生=yunxiansheng 折老板=shelaoban 种师道=chongshidao 秘先生=bixiansheng 繁太太=potaitai 么医生=yaoyisheng 逄总=pangzong 卜先生=buxiansheng 晁盖=chaogai
单志强先生=shanzhiqiangxiansheng 单总=shanzong 单先生的公司=shanxianshengdegongsi 单志强(上海)=shanzhiqiangshanghai 单雄信1=shanxiongxin1
单家店=danjiadian 单氏公司=shanshigongsi 解放军=jiefangjun 华为=huawei 查理=chali 种子公司=zhongzigongsi 员工=yuangong 区块链=qukuailian 乐高=legao 折扣店=zhekoudian 秘书=mishu 繁荣=fanrong 万事达=wanshida 盖州市=gaizhoushi 乐天超市=letianchaoshi
饭店长沙分店=fandianchangshafendian 某公司长沙分公司=mougongsichangshafengongsi 小酒家老店长沙=xiaojiujialaodianchangsha 银行业务=yinhangyewu 北京银行长沙分行=beijingyinhangchangshafenhang 行政=xingzheng 平安银行行长=pinganyinhanghangzhang 自行车行=zixingchehang 自行车行驶=zixingchexingshi 工行动=gongxingdong 旅行社=lvxingshe 中国工商银行股份有限公司=zhongguogongshangyinhanggufenyouxiangongsi
上海重型机器厂=shanghaizhongxingjiqichang 长安汽车=changanqiche 太平洋保险=taipingyangbaoxian 石家庄=shijiazhuang 哈尔滨=haerbin 呼和浩特=huhehaote 乌鲁木齐=wulumuqi 喀什=kashi 库尔勒=kuerle 伺服电机=sifudianji 弹簧厂=tanhuangchang 给排水=jipaishui 模具厂=mujuchang 模型=moxing 空调=kongtiao 人参=renshen 参加=canjia 目的=mudi 的士=dishi 什么=shenme 什锦=shijin 还款=huankuan 首都=shoudu 都是=doushi 萝卜=luobo 雪茄=xuejia 佛教=fojiao 漯河=luohe 闵行区=minhangqu 什刹海=shichahai 吐鲁番=tulufan 晨晟=chensheng 靓丽=liangli 饼乾=binggan 薄荷=bohe 曝光=baoguang
`
