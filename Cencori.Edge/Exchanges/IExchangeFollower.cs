namespace Cencori.Edge.Exchanges;

/// <summary>Who does something when an exchange is over.</summary>
public interface IExchangeFollower
{
    /// <summary>Told once, when the record is made. It must not take long: the caller's connection waits for it.</summary>
    /// <param name="isGood">The whole response has reached the caller.</param>
    void Ended(bool isGood);
}

/// <summary>Two of them.</summary>
internal sealed class CompositeFollower(IExchangeFollower first, IExchangeFollower second) : IExchangeFollower
{
    public void Ended(bool isGood)
    {
        try
        {
            first.Ended(isGood);
        }
        finally
        {
            second.Ended(isGood);
        }
    }
}
