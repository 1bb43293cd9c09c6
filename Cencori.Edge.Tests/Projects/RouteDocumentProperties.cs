using System.Collections.Immutable;
using System.Text.Json;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using CsCheck;

namespace Cencori.Edge.Tests.Projects;

/// <summary>The document of any route contains the whole route.</summary>
public sealed class RouteDocumentProperties
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.OneOfConst("a", "groß", "a/b:c", "\"'", " "), Gen.Char['a', 'z'].Array[1, 8].Select(letters => new string(letters)));
    private static readonly Gen<ImmutableArray<string>> Texts = Text.Array[0, 3].Select(values => values.Distinct().ToImmutableArray());
    private static readonly Gen<ModelAbilities> Abilities = Gen.Int[0, 15].Select(flags => (ModelAbilities)flags);

    private static readonly Gen<RouteTarget> Target = Gen.Select(Gen.OneOfConst("openai", "groq"), Text, Gen.Int[0, 1000], Abilities, Gen.OneOf(Gen.Const((long?)null), Gen.Long[1, 1_000_000].Select(tokens => (long?)tokens)))
        .Select((provider, model, weight, without, tokens) => new RouteTarget(provider, model) { Weight = weight, Without = without, ContextTokens = tokens });

    private static readonly Gen<ImmutableArray<RouteGroup>> Groups = Gen.Select(Gen.Enum<RouteBalance>(), Target.Array[1, 4])
        .Select((balance, targets) => new RouteGroup(balance, [.. targets])).Array[1, 4].Select(groups => groups.ToImmutableArray());

    private static readonly Gen<RouteCondition> Condition = Gen.Select(
        Gen.Select(Number(), Number(), Gen.OneOfConst<bool?>(null, true, false), Abilities),
        Gen.Select(Gen.OneOfConst("/chat/completions", "/responses").Array[0, 2], Texts, Gen.OneOfConst<KeyEnvironment?>(null, KeyEnvironment.Production, KeyEnvironment.Test)),
        Gen.Select(Texts, Texts, Named(isHeader: true), Named(isHeader: false)),
        (first, second, third) => new RouteCondition
        {
            InputOver = first.Item1,
            InputUnder = first.Item2,
            Stream = first.Item3,
            Has = first.Item4,
            Endpoints = [.. second.Item1.Distinct()],
            Keys = second.Item2,
            Environment = second.Item3,
            Agents = third.Item1,
            Users = third.Item2,
            Headers = third.Item3,
            Metadata = third.Item4,
        });

    private static readonly Gen<ModelRoute> Route = Gen.Select(
        Gen.Select(Condition, Groups).Select((condition, groups) => new RouteRule(condition, groups)).Array[0, 3],
        Groups,
        Gen.Select(Gen.Int[1, 5], Gen.Enum<UncertainRepeat>(), Gen.Int[1, 600], Gen.Int[0, 30], Gen.Bool),
        (rules, groups, rest) => new ModelRoute
        {
            Name = "chat",
            Rules = [.. rules],
            Groups = groups,
            Attempts = rest.Item1,
            Uncertain = rest.Item2,
            FirstByte = TimeSpan.FromSeconds(rest.Item3),
            MaxWait = TimeSpan.FromSeconds(rest.Item4),
            KeepsPrompts = rest.Item5,
        });

    [Fact]
    public void A_document_is_read_as_it_was_written() => Route.Sample(
        route =>
        {
            var stored = RouteDocument.Of(route).Write();
            var read = RouteDocument.Parse(stored);
            Assert.Equal(JsonOf(route), JsonOf(read.ToRoute("chat")));
            Assert.Equal(stored, read.Write());
        },
        iter: 2_000);

    [Fact]
    public void Absent_members_have_the_defaults_of_a_route() => Assert.Equal(
        JsonOf(new ModelRoute { Name = "chat", Groups = [new(RouteBalance.Weighted, [new("openai", "gpt-4o")])] }),
        JsonOf(RouteDocument.Parse("""{"groups":[{"targets":[{"model":"openai:gpt-4o"}]}]}""").ToRoute("chat")));

    // Compares arrays by their contents.
    private static string JsonOf(ModelRoute route) => JsonSerializer.Serialize(route);

    private static Gen<long?> Number() => Gen.OneOf(Gen.Const((long?)null), Gen.Long[0, 1_000_000].Select(number => (long?)number));

    private static Gen<ImmutableArray<NamedValues>> Named(bool isHeader) => Gen.Select(Gen.OneOfConst("x-a", "x-b", isHeader ? "x-c" : "X-A"), Texts)
        .Select((name, values) => new NamedValues(name, values)).Array[0, 3].Select(all => all.DistinctBy(one => one.Name).OrderBy(one => one.Name, StringComparer.Ordinal).ToImmutableArray());
}
