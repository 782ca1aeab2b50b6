package graph

import gqlrules "github.com/vektah/gqlparser/v2/validator/rules"

// quietRules are the rules of validation without "did you mean", which would tell
// the names of a schema that may not be read. (The executor itself takes care of two
// more rules.)
func quietRules() *gqlrules.Rules {
	quiet := gqlrules.NewDefaultRules()
	quiet.RemoveRule(gqlrules.KnownArgumentNamesRule.Name)
	quiet.AddRule(gqlrules.KnownArgumentNamesRuleWithoutSuggestions.Name, gqlrules.KnownArgumentNamesRuleWithoutSuggestions.RuleFunc)
	quiet.RemoveRule(gqlrules.KnownTypeNamesRule.Name)
	quiet.AddRule(gqlrules.KnownTypeNamesRuleWithoutSuggestions.Name, gqlrules.KnownTypeNamesRuleWithoutSuggestions.RuleFunc)
	quiet.RemoveRule(gqlrules.ValuesOfCorrectTypeRule.Name)
	quiet.AddRule(gqlrules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name, gqlrules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc)
	return quiet
}
