using CsCheck;

namespace Cencori.Edge.Tests.Verification;

/// <summary>The kind of a caller's request.</summary>
internal enum Deed
{
    Chat,
    Stream,
    Unpriced,
    Embeddings,
    Background,
}

/// <summary>An event while requests are in flight.</summary>
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

/// <param name="Deed">The kind of request.</param>
/// <param name="Ending">How it ends.</param>
/// <param name="IsAtB">True: at edge B.</param>
/// <param name="IsSecondKey">True: with the second key.</param>
/// <param name="MaxTokens">Limit on output tokens.</param>
/// <param name="Input">Input tokens that the provider reports.</param>
/// <param name="Output">Output tokens, at most <paramref name="MaxTokens"/>.</param>
internal sealed record MonthRequest(Deed Deed, Ending Ending, bool IsAtB, bool IsSecondKey, int MaxTokens, int Input, int Output);

/// <param name="Event">The event meanwhile.</param>
/// <param name="Requests">Concurrent requests.</param>
/// <param name="Looks">Number of background works whose end a caller polls; these have ended.</param>
/// <param name="AreEndsKnown">True: ended works report their usage.</param>
internal sealed record MonthRound(Event Event, MonthRequest[] Requests, int Looks, bool AreEndsKnown)
{
    /// <summary>A description for failed runs.</summary>
    public override string ToString() =>
        $"\n{Event}, {Looks} works polled{(AreEndsKnown ? "" : ", usage unknown")}: {string.Join(", ", Requests.Select(one => $"{one.Deed} {one.Ending} {(one.IsAtB ? 'B' : 'A')} key {(one.IsSecondKey ? 2 : 1)} max {one.MaxTokens} used {one.Input}+{one.Output}"))}";

    public static Gen<MonthRound> Any { get; } = Gen.Select(
        Gen.Frequency((6, Gen.Const(Event.Nothing)), (8, Gen.Enum<Event>())),
        Gen.Select(Gen.Enum<Deed>(), Gen.Frequency((4, Gen.Const(Ending.Whole)), (6, Gen.Enum<Ending>())), Gen.Bool, Gen.Bool, Gen.Int[1, 20], Gen.Int[1, 12], Gen.Int[0, 20],
            (deed, ending, isAtB, isSecondKey, maxTokens, input, output) => new MonthRequest(deed, ending, isAtB, isSecondKey, maxTokens, input, Math.Min(output, maxTokens))).Array[1, 12],
        Gen.Int[0, 3],
        Gen.Bool,
        (happening, requests, looks, areEndsKnown) => new MonthRound(happening, requests, looks, areEndsKnown));
}
