using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeySpend : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "key_spend",
                columns: table => new
                {
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Month = table.Column<int>(type: "INTEGER", nullable: false),
                    WriterId = table.Column<long>(type: "INTEGER", nullable: false),
                    Picodollars = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_key_spend", x => new { x.ProjectId, x.KeyId, x.Month, x.WriterId });
                });

            // A sum that would not fit stays at the largest that does; it must not be in the way of a start.
            migrationBuilder.Sql(
                """
                INSERT INTO key_spend ("ProjectId", "KeyId", "Month", "WriterId", "Picodollars")
                SELECT "ProjectId", "KeyId", (strftime('%Y', "StartedAt" / 1000, 'unixepoch') - 1970) * 12 + strftime('%m', "StartedAt" / 1000, 'unixepoch') - 1 AS month, -1,
                  min(SUM("Picodollars" / 1000000) + SUM("Picodollars" % 1000000) / 1000000, 9223372036853) * 1000000 + SUM("Picodollars" % 1000000) % 1000000
                FROM request_records WHERE "Picodollars" > 0 GROUP BY "ProjectId", "KeyId", month
                """);

            migrationBuilder.DropIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_RequestId",
                table: "request_records");

            migrationBuilder.DropIndex(
                name: "IX_request_records_StartedAt",
                table: "request_records");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "key_spend");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_ProjectId_KeyId_StartedAt_Id_Picodollars",
                table: "request_records",
                columns: new[] { "ProjectId", "KeyId", "StartedAt", "Id", "Picodollars" });

            migrationBuilder.CreateIndex(
                name: "IX_request_records_RequestId",
                table: "request_records",
                column: "RequestId");

            migrationBuilder.CreateIndex(
                name: "IX_request_records_StartedAt",
                table: "request_records",
                column: "StartedAt");
        }
    }
}
