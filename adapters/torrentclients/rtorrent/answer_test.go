package rtorrent

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show writes a value so that two that are equal look alike.
func (v value) show() string {
	switch v.kind {
	case kindNumber:
		return fmt.Sprint(v.number)
	case kindText:
		return fmt.Sprintf("%q", v.text)
	}
	items := make([]string, len(v.list))
	for i, item := range v.list {
		items[i] = item.show()
	}
	return fmt.Sprintf("%d[%s]", v.kind, strings.Join(items, " "))
}

// response wraps what is inside of a parameter's value.
func response(inside string) []byte {
	return []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n<params>\r\n<param>" + inside +
		"</param>\r\n</params>\r\n</methodResponse>\r\n")
}

func TestReadAnswer(t *testing.T) {
	t.Parallel()
	for inside, want := range map[string]string{
		"<value><string>text</string></value>": `"text"`,
		"<value>text</value>":                  `"text"`,
		"<value> two blanks </value>":          `" two blanks "`,
		"<value></value>":                      `""`,
		"<value/>":                             `""`,
		"<value><string/></value>":             `""`,
		"<value><string></string></value>":     `""`,
		"<value><nil/></value>":                `""`,
		"<value><ex:nil/></value>":             `""`,
		"<value><string>&lt;a&gt; &amp;amp; &quot;&apos; &#65;&#x42;&#9731;</string></value>":          "\"<a> &amp; \\\"' AB☃\"",
		"<value><string>a\nb\x01\xff</string></value>":                                                 `"a\nb\x01\xff"`,
		"<value><i8>-9007199254740993</i8></value>":                                                    "-9007199254740993",
		"\n <value>\n <i4> 5 </i4>\n</value>\n":                                                        "5",
		"<value><int>5</int></value>":                                                                  "5",
		"<value><ex:i8>5</ex:i8></value>":                                                              "5",
		"<value><boolean>1</boolean></value>":                                                          "1",
		"<value><double>1.5</double></value>":                                                          `"1.5"`,
		"<value><base64>\r\nYmFk\r\nIA==\r\n</base64></value>":                                         `"bad "`,
		"<value><array><data></data></array></value>":                                                  "2[]",
		"<value><array><data/></array></value>":                                                        "2[]",
		"<value><array/></value>":                                                                      "2[]",
		"<value><array><data>\r\n<value><i8>1</i8></value>\r\n<value>b</value></data></array></value>": `2[1 "b"]`,
		"<value><struct></struct></value>":                                                             "3[]",
		"<value><struct>\n<member><name>a</name>\n<value><i4>1</i4></value></member></struct></value>": `3["a" 1]`,
	} {
		answer, err := readAnswer(response(inside))
		if err != nil || answer.show() != want {
			t.Errorf("%s: %s, error %v; want %s", inside, answer.show(), err, want)
		}
	}
}

func TestReadAnswerRefuses(t *testing.T) {
	t.Parallel()
	whole := string(response("<value><string>text</string></value>"))
	bodies := []string{
		"", " ", "null", "{}", "<html><body>Router</body></html>", "<methodResponse/>", "<methodResponse></methodResponse>",
		"<methodResponse><params></params></methodResponse>", "<methodResponse><params><param></param></params></methodResponse>",
		`<!DOCTYPE a [<!ENTITY x "` + strings.Repeat("x", 1000) + `">]>` + whole,
		whole + "and more", whole + whole, "<?xml never ends", "<!-- never ends",
		"<methodResponse><fault></fault></methodResponse>", "<methodResponse><fault><value>no</value></fault></methodResponse>",
		"<methodResponse><fault><value><struct></struct></value></fault></methodResponse>",
	}
	for i := range whole {
		if cut := strings.TrimSpace(whole[:i]); cut != strings.TrimSpace(whole) {
			bodies = append(bodies, cut)
		}
	}
	for _, inside := range []string{
		"<value><unknown>1</unknown></value>", "<value><i8>x</i8></value>", "<value><i8/></value>", "<value><i8></i8></value>",
		"<value><i8>99999999999999999999</i8></value>", "<value><base64>!</base64></value>", "<value><string>a</i8></value>",
		"<value><string>&x;</string></value>", "<value><string>&</string></value>", "<value><string>&#x110000;</string></value>",
		"<value><string>&#;</string></value>", "<value><string>&amp</string></value>", "<value><string><b/></string></value>",
		"<value><array></array></value>", "<value><array><data><i8>1</i8></data></array></value>", "<value a='1'>x</value>",
		"<value><struct><member></member></struct></value>", "<value><struct><member><name>a</name></member></struct></value>",
		"<value><string>a</string><string>b</string></value>", "<value><" + strings.Repeat("a", 100) + "></value>",
		strings.Repeat("<value><array><data>", 20) + strings.Repeat("</data></array></value>", 20),
		strings.Repeat("<value><array><data>", 100_000),
	} {
		bodies = append(bodies, string(response(inside)))
	}
	for _, body := range bodies {
		if answer, err := readAnswer([]byte(body)); !errors.Is(err, errMalformed) {
			t.Errorf("%.200q is %s, error %v", body, answer.show(), err)
		}
	}
}

func TestTooManyValuesAreNotRead(t *testing.T) {
	t.Parallel()
	for before, few := range map[int]bool{0: true, mostValues - 4: true, mostValues - 3: false} {
		s := scanner{data: []byte("<value><array><data><value/><value/><value/></data></array></value>"), values: before}
		if _, err := s.value(0); few != (err == nil) {
			t.Errorf("error %v after %d values", err, before)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	inside := func(code int, text string) string {
		return fmt.Sprintf("<value><struct>\r\n<member><name>faultCode</name>\r\n<value><i4>%d</i4></value></member>\r\n"+
			"<member><name>faultString</name>\r\n<value><string>%s</string></value></member>\r\n</struct></value>", code, text)
	}
	for text, is := range map[string]struct {
		code    int
		unknown bool
	}{
		"Could not find info-hash.":               {-501, true},
		"invalid parameters: info-hash not found": {-503, true},
		"Method 'd.x' not defined":                {-506, false},
		"Target of wrong type to command.":        {-503, false},
		"Could not find index.":                   {-501, false},
	} {
		_, err := readAnswer([]byte("<methodResponse><fault>" + inside(is.code, text) + "</fault></methodResponse>"))
		if !isFault(err) || isUnknownHash(err) != is.unknown {
			t.Errorf("%s: %v", text, err)
		}
		answer, err := readAnswer(response("<value><array><data><value><array><data><value><i8>5</i8></value></data></array></value>" +
			inside(is.code, text) + "</data></array></value>"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := results(answer, 2)
		if err != nil || all[0].value.number != 5 || isUnknownHash(all[1].err) != is.unknown {
			t.Errorf("%+v, error %v", all, err)
		}
		if _, err := results(answer, 3); !errors.Is(err, errMalformed) {
			t.Errorf("two answers to three calls: %v", err)
		}
	}
}
