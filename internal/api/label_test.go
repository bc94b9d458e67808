package api

import "testing"

func TestLabelAnswers(t *testing.T) {
	w := newFieldWorld(t)
	w.steps(t, []step{
		{"labels.list", "GET", "/labels", "", owner},
		{"labels.list_page", "GET", "/labels?page=2&per_page=1", "", owner},
		{"labels.list_bad_page", "GET", "/labels?page=x", "", owner},
		{"label_groups.list", "GET", "/label_groups", "", owner},
		{"label_groups.create", "POST", "/label_groups", `{"label_group":{"name":"来源"}}`, admin},
		{"label_groups.create_again", "POST", "/label_groups", `{"label_group":{"name":"来源"}}`, admin},
		{"label_groups.create_forbidden", "POST", "/label_groups", `{"label_group":{"name":"x"}}`, owner},
		{"labels.create", "POST", "/labels", `{"label":{"name":"老客户介绍","color":"#52c41a","label_group_id":1}}`, admin},
		{"labels.create_again", "POST", "/labels", `{"label":{"name":"老客户介绍","label_group_id":1}}`, admin},
		{"labels.create_nothing", "POST", "/labels", `{}`, admin},
		{"labels.create_forbidden", "POST", "/labels", `{"label":{"name":"x"}}`, owner},
		{"labels.update", "PUT", "/labels/2", `{"label":{"label_group_id":"1"}}`, admin},
		{"labels.update_missing", "PUT", "/labels/99", `{"label":{"name":"x"}}`, admin},
		{"labels.order", "PUT", "/labels/order", `{"label_group_id":1,"ids":[2,11]}`, admin},
		{"labels.order_bad", "PUT", "/labels/order", `{"label_group_id":1,"ids":[1]}`, admin},
		{"label_groups.create_second", "POST", "/label_groups", `{"label_group":{"name":"渠道"}}`, admin},
		{"label_groups.order", "PUT", "/label_groups/order", `{"ids":[2,1]}`, admin},
		{"label_groups.update", "POST", "/label_groups/2", `{"label_group":{"name":"合作渠道"}}`, admin},
		{"labels.delete", "DELETE", "/labels/1", "", admin},
		{"labels.delete_again", "DELETE", "/labels/1", "", admin},
		{"label_groups.delete", "DELETE", "/label_groups/1", "", admin},
		{"label_groups.list_after", "GET", "/label_groups", "", owner},
		{"matching_name_deleted_labels", "GET", "/duplicates/matching_name?name=公海客户", "", owner},
	})
}
