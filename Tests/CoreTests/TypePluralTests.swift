import KitCore
import Testing

@Suite struct TypePluralTests {
    @Test(arguments: [
        ("integer", "integers"), ("list of integers", "lists of integers"), ("tensor or number", "tensors or numbers"),
        ("table of named lists of strings", "tables of named lists of strings"), ("string or nil", "strings or nil"),
        ("one of xs, s", "one of xs, s"),
    ])
    func everyKindOfTypeHasAPlural(_ name: String, _ plural: String) {
        #expect(name.typePlural == plural)
    }

    @Test func listsOfListsAreNamed() {
        #expect([[Int]].optionTypeName == "list of lists of integers")
        #expect(NamedOption<[String]>.optionTypeName == "table of named lists of strings")
    }
}
