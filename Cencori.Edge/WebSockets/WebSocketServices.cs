namespace Cencori.Edge.WebSockets;

public static class WebSocketServices
{
    public static IServiceCollection AddWebSocketForwarding(this IServiceCollection services)
    {
        services.AddSingleton<WebSocketRules>();
        services.AddSingleton<OpenWebSockets>();
        services.AddSingleton<WebSocketForwarder>();
        return services;
    }
}
