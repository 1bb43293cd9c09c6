namespace Cencori.Edge.Exchanges;

/// <summary>Is notified when an exchange is over.</summary>
public interface IExchangeFollower
{
    /// <summary>Called once, after the record is made. It must be fast: the caller's connection waits for it.</summary>
    /// <param name="isDelivered">True: the whole response has reached the caller.</param>
    void Ended(bool isDelivered);
}

/// <summary>Notifies two followers.</summary>
internal sealed class CompositeFollower(IExchangeFollower first, IExchangeFollower second) : IExchangeFollower
{
    public void Ended(bool isDelivered)
    {
        try
        {
            first.Ended(isDelivered);
        }
        finally
        {
            second.Ended(isDelivered);
        }
    }
}
