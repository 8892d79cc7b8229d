using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Passthrough.Gateway.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Instances : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "AvailableSince",
                table: "Installation",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "EndedLocks",
                columns: table => new
                {
                    TenantId = table.Column<string>(type: "TEXT", nullable: false),
                    Forest = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    ObjectGuid = table.Column<Guid>(type: "TEXT", nullable: false),
                    Mark = table.Column<Guid>(type: "TEXT", nullable: false),
                    EndedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EndedLocks", x => new { x.TenantId, x.Forest, x.ObjectGuid });
                    table.ForeignKey(
                        name: "FK_EndedLocks_Tenants_TenantId",
                        column: x => x.TenantId,
                        principalTable: "Tenants",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Instances",
                columns: table => new
                {
                    Address = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    Run = table.Column<Guid>(type: "TEXT", nullable: false),
                    Beat = table.Column<long>(type: "INTEGER", nullable: false),
                    SeenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Instances", x => x.Address);
                });

            migrationBuilder.CreateTable(
                name: "PageKeys",
                columns: table => new
                {
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Sealed = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PageKeys", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "PeerBooks",
                columns: table => new
                {
                    TenantId = table.Column<string>(type: "TEXT", nullable: false),
                    Book = table.Column<string>(type: "TEXT", nullable: false),
                    Version = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PeerBooks", x => x.TenantId);
                    table.ForeignKey(
                        name: "FK_PeerBooks_Tenants_TenantId",
                        column: x => x.TenantId,
                        principalTable: "Tenants",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.UpdateData(
                table: "Installation",
                keyColumn: "Id",
                keyValue: 1,
                column: "AvailableSince",
                value: null);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "EndedLocks");

            migrationBuilder.DropTable(
                name: "Instances");

            migrationBuilder.DropTable(
                name: "PageKeys");

            migrationBuilder.DropTable(
                name: "PeerBooks");

            migrationBuilder.DropColumn(
                name: "AvailableSince",
                table: "Installation");
        }
    }
}
