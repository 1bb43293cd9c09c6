namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>The peer closed or reset the connection. A script that ends with it has not failed.</summary>
public sealed class PeerWentAwayException(Exception? inner = null) : IOException("The peer went away.", inner)
{
    internal static void ThrowIf(bool gone)
    {
        if (gone)
        {
            throw new PeerWentAwayException();
        }
    }
}
