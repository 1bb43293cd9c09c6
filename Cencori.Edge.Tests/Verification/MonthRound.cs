using CsCheck;

namespace Cencori.Edge.Tests.Verification;

/// <summary>What a caller asks for.</summary>
internal enum Deed
{
    Chat,
    Stream,
    Unpriced,
    Embeddings,
    Background,
}

/// <summary>What somebody else does while requests are under way.</summary>
internal enum Event
{
    Nothing,
    SetPrices,
    RaiseBudget,
    LowerBudgetOfKey,
    FlushRedis,
    KillRedis,
    StartRedis,
    LockDatabase,
}

/// <param name="Deed">What is asked for.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="IsAtB">At which edge.</param>
/// <param name="IsSecondKey">With which key.</param>
/// <param name="MaxTokens">Of output.</param>
/// <param name="Input">Tokens that the provider counts.</param>
/// <param name="Output">At most <paramref name="MaxTokens"/>.</param>
internal sealed record MonthRequest(Deed Deed, Ending Ending, bool IsAtB, bool IsSecondKey, int MaxTokens, int Input, int Output);

/// <param name="Event">What happens meanwhile.</param>
/// <param name="Requests">At the same time.</param>
/// <param name="Looks">For how many of the works in the background somebody looks whether they have ended; those have.</param>
/// <param name="AreEndsKnown">They tell their usage.</param>
internal sealed record MonthRound(Event Event, MonthRequest[] Requests, int Looks, bool AreEndsKnown)
{
    /// <summary>For whoever has to find out why.</summary>
    public override string ToString() =>
        $"\n{Event}, {Looks} looked for{(AreEndsKnown ? "" : ", usage unknown")}: {string.Join(", ", Requests.Select(one => $"{one.Deed} {one.Ending} {(one.IsAtB ? 'B' : 'A')} key {(one.IsSecondKey ? 2 : 1)} max {one.MaxTokens} used {one.Input}+{one.Output}"))}";

    public static Gen<MonthRound> Any { get; } = Gen.Select(
        Gen.Frequency((6, Gen.Const(Event.Nothing)), (8, Gen.Enum<Event>())),
        Gen.Select(Gen.Enum<Deed>(), Gen.Frequency((4, Gen.Const(Ending.Whole)), (6, Gen.Enum<Ending>())), Gen.Bool, Gen.Bool, Gen.Int[1, 20], Gen.Int[1, 12], Gen.Int[0, 20],
            (deed, ending, isAtB, isSecondKey, maxTokens, input, output) => new MonthRequest(deed, ending, isAtB, isSecondKey, maxTokens, input, Math.Min(output, maxTokens))).Array[1, 12],
        Gen.Int[0, 3],
        Gen.Bool,
        (happening, requests, looks, areEndsKnown) => new MonthRound(happening, requests, looks, areEndsKnown));
}
