import KitCore
import Testing

@Suite struct KitErrorTests {
    @Test(arguments: [
        ("recipe.lua:3", "concat: needs at least one tensor", "recipe.lua:3: concat: needs at least one tensor"),
        ("kit.tensor.concat", "concat: needs at least one tensor", "kit.tensor.concat: needs at least one tensor"),
        ("kit.tensor.concat", "concatenated: no", "kit.tensor.concat: concatenated: no"),
        ("", "no such file", ": no such file"),
    ])
    func aPrefixSaysNoWordTwice(_ prefix: String, _ message: String, _ whole: String) {
        #expect(KitError.usage(message).prefixed(prefix).message == whole)
    }

    @Test func aPrefixStandsBehindTheLineOfARecipe() {
        let error = KitError(.badData, "concat: no", at: "recipe.lua:3").prefixed("kit.tensor.concat").prefixed(
            "kit.train")
        #expect(error.message == "recipe.lua:3: kit.train: kit.tensor.concat: no" && error.place == "recipe.lua:3")
        #expect(error == KitError(.badData, "recipe.lua:3: kit.train: kit.tensor.concat: no"))
        // The line of another file is part of what is wrong.
        #expect(
            KitError.usage("films.csv:2: no").prefixed("kit.dataset.films").message
                == "kit.dataset.films: films.csv:2: no")
    }
}
