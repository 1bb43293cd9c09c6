namespace Cencori.Edge.Verification;

/// <summary>The sums of a month. <paramref name="Requests"/> counts successful requests only: some failed requests that reached no provider have no record.</summary>
internal readonly record struct MonthSums(decimal Usd, decimal Requests, decimal InputTokens, decimal OutputTokens)
{
    public static MonthSums operator +(MonthSums left, MonthSums right) => new(
        left.Usd + right.Usd, left.Requests + right.Requests, left.InputTokens + right.InputTokens, left.OutputTokens + right.OutputTokens);

    /// <summary>The values with their <see cref="LedgerLine.Unit"/>, money first.</summary>
    public IEnumerable<(string Unit, decimal Value)> Values => [(LedgerLine.Usd, Usd), ("requests", Requests), ("input_tokens", InputTokens), ("output_tokens", OutputTokens)];
}
