namespace Cencori.Edge.Verification;

/// <summary>What a month adds up to, and how many of its requests have succeeded. Of those that reached no provider not all have a record.</summary>
internal readonly record struct MonthSums(decimal Usd, decimal Requests, decimal InputTokens, decimal OutputTokens)
{
    public static MonthSums operator +(MonthSums left, MonthSums right) => new(
        left.Usd + right.Usd, left.Requests + right.Requests, left.InputTokens + right.InputTokens, left.OutputTokens + right.OutputTokens);

    /// <summary>With the names of <see cref="LedgerLine.Unit"/>, money first.</summary>
    public IEnumerable<(string Unit, decimal Value)> Values => [(LedgerLine.Usd, Usd), ("requests", Requests), ("input_tokens", InputTokens), ("output_tokens", OutputTokens)];
}
