package param_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"guanxi/internal/api/param"
)

func benchmarkDecode(b *testing.B, target, contentType, body string) {
	b.Helper()
	r := request("POST", target, contentType, body)
	reader := strings.NewReader(body)
	b.ReportAllocs()
	for b.Loop() {
		if body != "" {
			reader.Reset(body)
			r.Body = io.NopCloser(reader)
		}
		p, err := param.Decode(r, param.Limits{})
		if err != nil || p.Len() == 0 {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	nested := "customer[name]=n&customer[address_attributes][phone]=13800000000&customer[contacts_attributes][0][name]=x&tags[]=a&tags[]=b"
	b.Run("query one", func(b *testing.B) {
		benchmarkDecode(b, "/?name=%E5%BC%A0%E4%B8%89", "", "")
	})
	b.Run("query flat", func(b *testing.B) {
		benchmarkDecode(b, "/?user_token="+token+"&device=open_api&version_code=9.9.9&page=1&per_page=20", "", "")
	})
	b.Run("query nested", func(b *testing.B) { benchmarkDecode(b, "/?"+nested, "", "") })
	b.Run("form", func(b *testing.B) { benchmarkDecode(b, "/", formType, nested) })
	b.Run("JSON", func(b *testing.B) {
		benchmarkDecode(b, "/", jsonType,
			`{"customer":{"name":"n","address_attributes":{"phone":"13800000000"},"contacts_attributes":[{"name":"x"}]},"tags":["a","b"]}`)
	})
	b.Run("multipart", func(b *testing.B) {
		contentType, body := multipartBody(b, pair{"customer[name]", "n"}, pair{"tags[]", "a"})
		benchmarkDecode(b, "/", contentType, body)
	})
}

func BenchmarkHeaderToken(b *testing.B) {
	for name, value := range map[string]string{
		"plain":  "Token token=" + token + ", device=open_api, version_code=9.9.9",
		"quoted": `Token token="` + token + `",version_code="3.3.0",device="dingtalk"`,
		"bearer": "Bearer " + token,
	} {
		b.Run(name, func(b *testing.B) {
			h := http.Header{"Authorization": {value}}
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := param.HeaderToken(h); !ok {
					b.Fatal("no token")
				}
			}
		})
	}
}
