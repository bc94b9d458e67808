package v2

import (
	"strconv"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
)

// pageOf reads page and per_page for a list of n that is in memory: the page is
// what stands there from first on up to last.
func pageOf(p *param.Params, n int) (first, last int, page crm.ListPage, err error) {
	page.Total = n
	if page.Page, page.PerPage, err = paging(p); err != nil {
		return 0, 0, page, err
	}
	first = n
	if page.Page-1 <= n/page.PerPage { // a page far behind the end is no number too large
		first = min(n, (page.Page-1)*page.PerPage)
	}
	last = min(n, first+page.PerPage)
	page.More = last < n
	return first, last, page, nil
}

// ids reads ids: a list, an object with numbers for keys, or a text with commas.
// What is empty in it is left out.
func ids(v param.Value, entity, name string) ([]int64, error) {
	var texts []string
	switch {
	case v.IsList():
		for _, item := range v.List() {
			if item.Kind() >= param.KindList {
				return nil, wrongType(entity, name, mustBePositive)
			}
			texts = append(texts, item.Text())
		}
	case v.Kind() >= param.KindList:
		return nil, wrongType(entity, name, mustBeList)
	default:
		texts = strings.Split(v.Text(), ",")
	}
	found := []int64{}
	for _, text := range texts {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n <= 0 {
			return nil, wrongType(entity, name, mustBePositive)
		}
		found = append(found, n)
	}
	return found, nil
}

// some reads ids of which there must be one at least.
func some(p *param.Params, entity, name string) ([]int64, error) {
	found, err := ids(p.Get(name), entity, name)
	if err == nil && len(found) == 0 {
		err = crm.Required(call.Named(entity, name))
	}
	return found, err
}
