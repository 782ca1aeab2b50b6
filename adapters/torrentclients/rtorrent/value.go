package rtorrent

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/clarion-app/download-manager/domain"
)

// kind is what a value is.
type kind uint8

const (
	kindText kind = iota
	kindNumber
	kindList
	kindStruct // a list of names and values in turns
)

// value is a value of XML-RPC. Of its parts one counts, as its kind says.
type value struct {
	kind   kind
	number int64
	text   []byte
	list   []value
}

// String is a text, fit to be shown.
func (v value) String() string {
	switch v.kind {
	case kindText:
		if plain(v.text) {
			return string(v.text)
		}
		return domain.CleanText(string(v.text))
	case kindNumber:
		return strconv.FormatInt(v.number, 10)
	}
	return ""
}

// plain reports whether a text is as domain.CleanText would have it, which most
// names are.
func plain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c >= 0x7F {
			return false
		}
	}
	return len(text) == 0 || (text[0] != ' ' && text[len(text)-1] != ' ')
}

// integer is a number, or a text that is one; false if v is neither.
func (v value) integer() (int64, bool) {
	switch v.kind {
	case kindNumber:
		return v.number, true
	case kindText:
		number, err := strconv.ParseInt(string(bytes.TrimSpace(v.text)), 10, 64)
		return number, err == nil
	}
	return 0, false
}

// member is what a struct holds by a name; a zero value if nothing.
func (v value) member(name string) value {
	if v.kind == kindStruct {
		for i := 0; i+1 < len(v.list); i += 2 {
			if string(v.list[i].text) == name {
				return v.list[i+1]
			}
		}
	}
	return value{}
}

// value reads one <value>.
func (s *scanner) value(depth int) (value, error) {
	if s.values++; depth > deepest || s.values > mostValues {
		return value{}, malformed("too many values")
	}
	s.blank()
	if s.accept("<value/>") {
		return value{}, nil
	}
	if !s.accept("<value>") {
		return value{}, malformed("no value")
	}
	begin := s.at
	s.blank()
	if s.at < len(s.data) && s.data[s.at] != '<' || bytes.HasPrefix(s.data[s.at:], []byte("</")) {
		// A value without type is a text, blanks and all.
		s.at = begin
		text, err := s.text()
		if err == nil {
			err = s.expect("</value>")
		}
		return value{text: text}, err
	}
	name, empty, err := s.tag()
	if err != nil {
		return value{}, err
	}
	v, err := s.typed(string(name), empty, depth)
	if err == nil {
		err = s.expect("</value>")
	}
	return v, err
}

// typed reads what is inside of a type's tag, and its end.
func (s *scanner) typed(name string, empty bool, depth int) (v value, err error) {
	name = strings.TrimPrefix(name, "ex:")
	switch name {
	case "array":
		v.kind = kindList
	case "struct":
		v.kind = kindStruct
	case "nil", "string", "base64", "double", "dateTime.iso8601":
	case "i8", "i4", "int", "boolean":
		v.kind = kindNumber
	default:
		return v, malformed("an unknown type")
	}
	if empty {
		if v.kind == kindNumber {
			err = malformed("an empty number")
		}
		return v, err
	}
	switch v.kind {
	case kindList:
		v.list, err = s.array(depth)
	case kindStruct:
		v.list, err = s.members(depth)
	default:
		if v.text, err = s.text(); err != nil {
			return v, err
		}
		err = v.decode(name)
	}
	if err == nil {
		err = s.expect("</")
	}
	if err == nil && !s.accept(name+">") && !s.accept("ex:"+name+">") {
		err = malformed("no end of " + name)
	}
	return v, err
}

// decode makes of a text what its type says.
func (v *value) decode(name string) error {
	var err error
	switch {
	case v.kind == kindNumber:
		v.number, err = strconv.ParseInt(string(bytes.TrimSpace(v.text)), 10, 64)
		v.text = nil
	case name == "base64":
		packed := bytes.Join(bytes.Fields(v.text), nil)
		v.text = make([]byte, base64.StdEncoding.DecodedLen(len(packed)))
		var n int
		n, err = base64.StdEncoding.Decode(v.text, packed)
		v.text = v.text[:n]
	}
	if err != nil {
		return malformed("a " + name + " that is none")
	}
	return nil
}

func (s *scanner) array(depth int) (list []value, err error) {
	s.blank()
	if s.accept("<data/>") {
		return nil, nil
	}
	if !s.accept("<data>") {
		return nil, malformed("an array without data")
	}
	for {
		s.blank()
		if s.accept("</data>") {
			return list, nil
		}
		item, err := s.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if list == nil {
			list = make([]value, 0, 4) // a torrent has three
		}
		list = append(list, item)
	}
}

func (s *scanner) members(depth int) (list []value, err error) {
	for {
		s.blank()
		if !s.accept("<member>") {
			return list, nil
		}
		if err := s.expect("<name>"); err != nil {
			return nil, err
		}
		name, err := s.text()
		if err == nil {
			err = s.expect("</name>")
		}
		if err != nil {
			return nil, err
		}
		item, err := s.value(depth + 1)
		if err == nil {
			err = s.expect("</member>")
		}
		if err != nil {
			return nil, err
		}
		list = append(list, value{text: name}, item)
	}
}
