package demo

import "guanxi/internal/crm"

// account is a customer with all that is written with it.
type account struct {
	crm.Customer
	labels, assistants []int64
	contacts           []crm.Contact
}

const wonDetail = "上海市静安区长寿路 1111 号22楼2201 室"

// examples are the two customers of the documents. Absent texts and empty ones
// are as they are there; telephone numbers and e-mail addresses are made up.
func examples() []account {
	t := crm.T
	none := crm.Text{}
	blank := func(a crm.Address) crm.Address {
		for _, f := range []*crm.Text{&a.Tel, &a.Phone, &a.Email, &a.QQ, &a.Fax, &a.Wechat, &a.Wangwang, &a.Zip, &a.URL, &a.Detail} {
			if !f.Set {
				*f = t("")
			}
		}
		return a
	}
	first := account{
		Customer: crm.Customer{
			ID: 831, OwnerID: 254, CreatorID: 254, DepartmentID: depSales1, Name: MatchingName, Status: statusNew,
			Category: categoryVIP, Approval: crm.Approved, CreatedAt: at("2014-11-07 10:11:02"), UpdatedAt: at("2019-02-15 17:36:20"),
			Address: crm.Address{ID: 2675, CountryID: 4, ProvinceID: 14, CityID: 124, DistrictID: 1122, Tel: t(""), Phone: none,
				Fax: t("02100000831"), Zip: t("2000000"), URL: t("http://example.com"), Detail: t("打算范德萨斯蒂芬阿萨德"),
				Lat: 31.579004, Lng: 91.100065, HasPosition: true,
				CreatedAt: at("2014-11-07 10:11:02"), UpdatedAt: at("2018-02-26 18:38:45")},
		},
		contacts: []crm.Contact{{
			ID: 673, CustomerID: 831, CreatorID: 254, Name: "经理1的联系人",
			CreatedAt: at("2014-11-07 10:16:09"), UpdatedAt: at("2016-04-15 15:30:42"),
			Address: crm.Address{ID: 2676, CountryID: 4, ProvinceID: 1, CityID: 1, DistrictID: 1, Tel: t("010-0345423"),
				Phone: t(phone(673)), Email: t("k673@example.com"), QQ: t("10000673"), Fax: t("02100000673"),
				Wechat: t("02100000673"), Zip: t("45234523"), Detail: t("阿斯多发生的风阿萨德f"),
				CreatedAt: at("2014-11-07 10:16:09"), UpdatedAt: at("2016-04-15 15:30:42")},
		}},
	}
	entered := at("2016-06-21 11:32:37")
	second := account{
		Customer: crm.Customer{
			ID: 73717, OwnerID: OwnerID, CreatorID: 441, DepartmentID: depSales, Name: "0永豐餘投資有限公司", CompanyName: "哦KKK咯",
			Status: statusWon, Category: categoryVIP2, Approval: crm.Approved, RevisitAt: at("2019-02-18 14:45:20"),
			CreatedAt: entered, UpdatedAt: at("2019-02-14 11:20:31"),
			Address: blank(crm.Address{ID: 177109, Tel: t(phone(73717)), Phone: t(phone(177109)), Detail: t(wonDetail),
				Lat: 31.229676, Lng: 121.42799, HasPosition: true, CreatedAt: entered, UpdatedAt: at("2019-02-14 11:20:31")}),
		},
		contacts: []crm.Contact{
			{
				ID: ContactID, CustomerID: 73717, CreatorID: 441, Name: "???", CardID: cardID,
				CreatedAt: entered, UpdatedAt: at("2019-02-20 16:45:12"),
				Address: blank(crm.Address{ID: 177110, CountryID: 4, ProvinceID: 2, CityID: 2, DistrictID: 24, Tel: t("0210585886"),
					Phone: t(phone(ContactID)), Detail: t(wonDetail), Lat: 31.229676, Lng: 121.42799, HasPosition: true,
					CreatedAt: entered, UpdatedAt: at("2019-02-20 16:45:12")}),
			},
			{
				ID: 27826, CustomerID: 73717, CreatorID: 441, Name: "小鲤鱼历险记",
				CreatedAt: at("2016-09-12 10:05:44"), UpdatedAt: at("2017-03-02 09:41:08"),
				Address: blank(crm.Address{ID: 194028, Tel: t("0210585886"), Phone: t(phone(27826)),
					CreatedAt: at("2016-09-12 10:05:44"), UpdatedAt: at("2017-03-02 09:41:08")}),
			},
			{
				ID: 145384, CustomerID: 73717, CreatorID: OwnerID, Name: "吐了",
				CreatedAt: at("2018-11-20 15:22:03"), UpdatedAt: at("2018-11-20 15:22:03"),
				Address: blank(crm.Address{ID: 246106, CreatedAt: at("2018-11-20 15:22:03"), UpdatedAt: at("2018-11-20 15:22:03")}),
			},
		},
	}
	return []account{first, second}
}
