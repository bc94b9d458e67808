package api

import v2 "guanxi/internal/api/v2"

// labelRoutes are the calls about labels and their groups.
func labelRoutes() []route {
	const labels, groups = "/api/v2/labels", "/api/v2/label_groups"
	return []route{
		{method: "GET", path: labels, handler: v2.Labels, operation: "labels.list", conditional: true},
		{method: "POST", path: labels, handler: v2.AddLabel, operation: "labels.create"},
		{method: "PUT", path: labels + "/order", handler: v2.OrderLabels, operation: "labels.order"},
		{method: "POST", path: labels + "/order", handler: v2.OrderLabels, operation: "labels.order"},
		{method: "PUT", path: labels + "/{id}", handler: v2.ChangeLabel, operation: "labels.update"},
		{method: "POST", path: labels + "/{id}", handler: v2.ChangeLabel, operation: "labels.update"},
		{method: "DELETE", path: labels + "/{id}", handler: v2.DeleteLabel, operation: "labels.delete"},
		{method: "GET", path: groups, handler: v2.LabelGroups, operation: "label_groups.list", conditional: true},
		{method: "POST", path: groups, handler: v2.AddLabelGroup, operation: "label_groups.create"},
		{method: "PUT", path: groups + "/order", handler: v2.OrderLabelGroups, operation: "label_groups.order"},
		{method: "POST", path: groups + "/order", handler: v2.OrderLabelGroups, operation: "label_groups.order"},
		{method: "PUT", path: groups + "/{id}", handler: v2.ChangeLabelGroup, operation: "label_groups.update"},
		{method: "POST", path: groups + "/{id}", handler: v2.ChangeLabelGroup, operation: "label_groups.update"},
		{method: "DELETE", path: groups + "/{id}", handler: v2.DeleteLabelGroup, operation: "label_groups.delete"},
	}
}
