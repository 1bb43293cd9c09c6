namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>A number within the bounds of a JSON schema, near 1. Null: the schema does not have the bound.</summary>
/// <param name="Minimum">The lowest number allowed.</param>
/// <param name="Above">The bound that the number must exceed.</param>
/// <param name="Maximum">The highest number allowed.</param>
/// <param name="Below">The bound that the number must not reach.</param>
/// <param name="Step">The number must be a multiple of it.</param>
internal readonly record struct SampleNumber(decimal? Minimum, decimal? Above, decimal? Maximum, decimal? Below, decimal? Step)
{
    /// <summary>The number. It breaks a bound only if bounds contradict each other or are extreme.</summary>
    public decimal Value
    {
        get
        {
            try
            {
                var value = Bounded();
                if (Step is not { } step || step <= 0)
                {
                    return value;
                }

                var multiple = decimal.Ceiling(value / step) * step;
                return multiple > Maximum || multiple >= Below ? decimal.Floor(value / step) * step : multiple;
            }
            catch (OverflowException)
            {
                return 1;
            }
        }
    }

    private decimal Bounded()
    {
        var value = Math.Max(1, Minimum ?? 1);
        value = Above is { } above && value <= above ? above + 1 : value;
        value = Math.Min(value, Maximum ?? value);
        if (Below is not { } below || value < below)
        {
            return value;
        }

        var lowest = Above > Minimum ? Above : Minimum ?? Above;
        return lowest is { } low && low < below ? (low + below) / 2 : below - 1;
    }
}
